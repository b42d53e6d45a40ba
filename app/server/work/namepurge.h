#pragma once

#include "models/vocabulary/result.h"

#include <QSet>
#include <QSqlDatabase>
#include <QUuid>

#include <optional>

namespace photolift::server {

struct Upload;

/// Takes the names, paths and metadata of a purged photo out of the records of its attempts (purgedrecord.h says what
/// stays), and enters these among PurgedIds. Each step can be repeated. In the transaction at hand.
class NamePurge
{
public:
    NamePurge(const QSqlDatabase &database, qint64 nowMs);

    /// A photo that is in its slot no more.
    struct Slot {
        QString accountId;
        QString sha256;
        QString projectId;
        QString relativePath;
        QString userId; ///< when it stays in its slot for others: only what this person told; empty: of everybody
    };
    /// Of everybody who brought these bytes to this slot, and of whatever else was tried with the same items; but for
    /// attempts that are under way, or whose bytes are in a slot still, or in quarantine.
    Result<> purge(const Slot &slot) const;
    /// Once more, of an attempt that was purged before: what was being written just then.
    Result<> purgeAttempt(const QUuid &clientUploadId) const;
    /// The key of the attempt's batch, if that has a name.
    Result<std::optional<qint64>> namedBatchOf(const QUuid &clientUploadId) const;
    /// The name of the batch, when no attempt of it has a path any more.
    Result<> purgeBatch(const QString &accountId, qint64 batchKey) const;

private:
    struct Tries {
        QSet<QUuid> attempts;
        QSet<QUuid> items;
    };
    Result<Tries> triesOf(const Slot &slot) const;
    Result<bool> isNeeded(const Slot &left, const QUuid &clientUploadId) const;
    Result<> purgeUploads(const QUuid &clientUploadId) const;
    /// That its bytes were refused is known by their hash, as long as somebody else has told of them.
    Result<> forgetRefusal(const Upload &upload) const;
    Result<> purgeStar(const QUuid &clientUploadId) const;
    Result<> purgeStaged(const QUuid &id) const;

    QSqlDatabase m_database;
    const qint64 m_nowMs;
};

} // namespace photolift::server
