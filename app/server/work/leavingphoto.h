#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QString>

#include <optional>

namespace photolift::server {

/// A photo whose second phase has come, and why.
struct LeavingPhoto {
    qint64 assetId = 0;
    QString clientUploadId; ///< the attempt that brought it; that of `onlyOf`, if there is one
    QString rule;           ///< of the record, such as "after 7 days"
    qint64 dueMs = 0;
    QString onlyOf; ///< one of several people who brought it, for all others of whom it stays; empty: it goes
};

/// What stays of what has left: a row of server_purges.
struct PurgeRecord {
    QString accountId;
    QString projectId;
    QString clientUploadId; ///< the attempt that had brought it
    qint64 size = 0;
    QString rule;
    qint64 dueMs = 0;
};
Result<> writePurge(const QSqlDatabase &database, const PurgeRecord &record, qint64 nowMs, std::optional<int> backupsKeptDays);

/// Phase two of whatever removes photos: the record in server_purges, the photo out of its project, its names out of the records (namepurge.h),
/// and bytes that were its account's last to RemovalTable. Of one person only: what this one has told of it. False when it is not there. In the transaction
/// at hand.
Result<bool> leave(const QSqlDatabase &database, const LeavingPhoto &photo, qint64 nowMs, std::optional<int> backupsKeptDays);

} // namespace photolift::server
