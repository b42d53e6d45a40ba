#pragma once

#include "app/server/http/exchange.h"
#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"
#include "app/server/work/uploadtable.h"

#include <QSet>

namespace photolift::server {

/// Attempts that began before this database was made, or put back from a copy: the one that knew them is lost, and their client's copy is all
/// there is. So it may tell of them what no client may tell otherwise: stages of the server, and how they ended.
struct Recall {
    qint64 databaseMadeMs = 0;
    QSet<std::pair<QString, qint64>> objects; ///< SHA-256 and size of what the store still has, of those that events name
    bool isOnlyAccount = false; ///< nobody else can have brought them

    bool isOf(const QUuid &clientUploadId) const;
    /// The database is a copy made while this upload was under way, and its client knows that it came to a good end.
    bool hasLostTheEnd(const Upload &upload, const AttemptRecord &told) const;
};

/// The bytes that the attempt brought to a good end; nullopt of one that had another end or does not name them.
std::optional<std::pair<QString, qint64>> bytesOf(const AttemptRecord &attempt);

/// Whether bytes that are in the store are this account's: its records say so, or say nothing and there is no other account. A hash and a size
/// are no proof of having had the bytes (FAULTS C-26), and a copy that is known as lost is not found again by being told of.
Result<bool> belongTo(const QSqlDatabase &database, const QString &accountId, const std::pair<QString, qint64> &bytes, bool isOnlyAccount);

/// Enters such an attempt among the uploads, and its bytes as stored where the store has them and they are the caller's; nothing, when it had no
/// good end. Without them it is not safe, and a question of its client is answered with an upload. The attempt itself is in the star.
Result<> recall(Writing &writing, const Caller &caller, const AttemptRecord &attempt, const Recall &before, qint64 nowMs);
/// Whether the caller holds such an attempt as ended well, and its photo is not safe here: who has the file is to bring it again. False of what was
/// purged, which is gone by intention. As it is after recall(), in the same transaction.
Result<bool> isToComeAgain(const QSqlDatabase &database, const Caller &caller, const AttemptRecord &told, const Recall &before);
/// What was the photo of such an upload: findable again.
Result<> recall(Writing &writing, Upload &upload, const PhotoRecord &photo);

} // namespace photolift::server
