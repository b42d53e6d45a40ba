#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QString>

#include <optional>

namespace photolift::server {

/// A photo whose second phase has come, and why.
struct LeavingPhoto {
    qint64 assetId = 0;
    QString accountId;
    QString sha256;
    qint64 size = 0;
    QString projectId;
    QString relativePath;
    QString clientUploadId; ///< the attempt that brought it; of whoever it leaves, when it stays for others
    QString rule;           ///< of the record, such as "after 7 days"
    qint64 dueMs = 0;
};

/// Phase two of whatever removes photos: the record in server_purges, the photo out of its project, its names out of the records (namepurge.h),
/// and bytes that were its account's last to RemovalTable. In the transaction at hand.
Result<> leave(const QSqlDatabase &database, const LeavingPhoto &photo, qint64 nowMs, std::optional<int> backupsKeptDays);
/// The same for one of several people who brought it: it stays where it is, and what this one has told of it goes.
Result<> leaveOne(const QSqlDatabase &database, const LeavingPhoto &photo, const QString &userId, qint64 nowMs, std::optional<int> backupsKeptDays);

} // namespace photolift::server
