#pragma once

#include "models/vocabulary/result.h"

#include <QHash>
#include <QSqlDatabase>
#include <QUuid>

#include <optional>

namespace photolift::server {

/// The attempts, items and batches whose names were purged: the table server_purged_ids, by which whoever writes what
/// clients tell knows them. An attempt that is brought anew is taken out of it. In the transaction at hand.
class PurgedIds
{
public:
    explicit PurgedIds(const QSqlDatabase &database);

    Result<> add(const QString &accountId, const QUuid &id, qint64 nowMs) const; ///< nothing, when it is there
    Result<> remove(const QUuid &id) const;
    /// When it was purged; nullopt: it was not.
    Result<std::optional<qint64>> purgedMs(const QUuid &id) const;
    /// Those of them that were; on PostgreSQL.
    Result<QHash<QUuid, qint64>> among(const QList<QUuid> &ids) const;

    struct Open {
        QUuid id;
        QString accountId;
        qint64 purgedMs = 0;
    };
    /// What is to be looked for once more, behind this one in the order of the ids.
    Result<QList<Open>> open(const QUuid &behind, int most) const;
    Result<> settle(const QUuid &id) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
