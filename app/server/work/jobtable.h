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

/// A job as its administrator sees it.
struct QueuedJob {
    Job job;
    QString owner;           ///< the life of a server that holds it; empty: nobody yet
    qint64 leaseUntilMs = 0; ///< until when, unless it is renewed
    qint64 queuedMs = 0;
};

class JobTable
{
public:
    explicit JobTable(const QSqlDatabase &database);

    Result<> add(const QUuid &uploadId, const QString &owner, qint64 leaseUntilMs, qint64 nowMs) const;
    /// For whoever has a hand free: nobody holds it yet.
    Result<> addFree(const QUuid &uploadId, qint64 nowMs) const;
    Result<> moveTo(const QUuid &uploadId, Stage stage) const;
    Result<> countTry(const QUuid &uploadId) const;
    Result<> remove(const QUuid &uploadId) const;
    Result<> renew(const QString &owner, qint64 leaseUntilMs) const;
    /// Takes over all jobs of owners like `endedOwners` (LIKE of SQL), whatever their leases say; oldest first.
    /// Here and in takeDue() each that somebody has held counts as one more try of its stage.
    Result<QList<Job>> takeOver(const QString &owner, qint64 leaseUntilMs, const QString &endedOwners) const;
    /// Takes up to `most` jobs that are free or whose lease has run out, oldest first. What another server takes at the same moment is
    /// passed over, under RowByRow.
    Result<QList<Job>> takeDue(const QString &owner, qint64 nowMs, qint64 leaseUntilMs, int most) const;
    /// All that this one holds; in no order.
    Result<QList<Job>> heldBy(const QString &owner) const;
    /// What this one holds is free at once, and that it was held is no try. Gives which.
    Result<QList<QUuid>> release(const QString &owner) const;
    /// Nobody holds it any more, and its tries count from 0: the next who looks does it. Gives how many it were, 0 or 1.
    Result<int> setFree(const QUuid &uploadId) const;
    /// The same for all that have failed at least once at their stage.
    Result<int> freeFailed() const;
    /// The oldest first.
    Result<QList<QueuedJob>> queued(int most) const;
    /// On PostgreSQL nobody takes it over until the end of the transaction at hand.
    Result<bool> isHeldBy(const QUuid &uploadId, const QString &owner) const;
    Result<std::optional<Job>> byId(const QUuid &uploadId) const;

private:
    Result<QList<Job>> taken(QLatin1StringView sql, const QVariantList &values) const;

    QSqlDatabase m_database;
};

} // namespace photolift::server
