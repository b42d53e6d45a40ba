#pragma once

#include "models/vocabulary/result.h"

#include <QJsonObject>
#include <QSqlDatabase>
#include <QString>
#include <QUuid>

#include <optional>

namespace photolift::server {

/// One thing somebody did that others must be able to see later (FAULTS C-33, C-34).
struct AuditEntry {
    QString accountId; ///< whose data or rights it is about
    qint64 atMs = 0;
    QString actor;     ///< user_id, or "command" for the administrator's commands on the server
    QUuid tokenId;     ///< the device token of the actor; null: none
    QString requestId; ///< empty: no request
    QString action;    ///< such as "user.added"
    QString subject;   ///< the id it was done to
    QJsonObject detail; ///< no secrets
};

/// The append-only log of one account: each row holds the SHA-256 of the row before it and its own content, so that a changed,
/// missing or moved row shows.
class AuditLog
{
public:
    explicit AuditLog(const QSqlDatabase &database);

    /// In the transaction of what it tells.
    Result<> append(const AuditEntry &entry) const;
    /// Reads the whole chain of an account: the number of the first row that is not as it was written; nullopt: sound.
    Result<std::optional<qint64>> firstBroken(const QString &accountId) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
