#pragma once

#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QUuid>

namespace photolift::server {

/// The worker's durable queue: one row per committed upload until its last stage has ended.
struct Job {
    QUuid uploadId;
    Stage stage = Stage::Reception; ///< to be done next; Verification stands for the re-read
    int tries = 0;                  ///< of this stage
};

class JobTable
{
public:
    explicit JobTable(const QSqlDatabase &database);

    Result<> add(const QUuid &uploadId, const QString &owner, qint64 leaseUntilMs, qint64 nowMs) const;
    Result<> moveTo(const QUuid &uploadId, Stage stage) const;
    Result<> countTry(const QUuid &uploadId) const;
    Result<> remove(const QUuid &uploadId) const;
    Result<> renew(const QString &owner, qint64 leaseUntilMs) const;
    /// Takes over jobs whose lease has run out, and those of owners like `endedOwners` (LIKE of SQL; empty: of nobody) even before;
    /// oldest first. Each counts as one more try of its stage.
    Result<QList<Job>> takeOver(const QString &owner, qint64 nowMs, qint64 leaseUntilMs, const QString &endedOwners) const;
    Result<std::optional<Job>> byId(const QUuid &uploadId) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
