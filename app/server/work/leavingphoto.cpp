#include "app/server/work/leavingphoto.h"

#include "app/server/work/namepurge.h"
#include "app/server/work/removaltable.h"
#include "app/server/work/statement.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Result<> record(const QSqlDatabase &database, const LeavingPhoto &photo, qint64 nowMs, std::optional<int> backupsKeptDays)
{
    return withoutValue(change(database,
                               "INSERT INTO server_purges (account_id, project_id, client_upload_id, size, rule, due_ms, removed_ms,"
                               " backups_kept_days) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"_L1,
                               {photo.accountId, photo.projectId, photo.clientUploadId, photo.size, photo.rule, photo.dueMs, nowMs,
                                backupsKeptDays ? QVariant(*backupsKeptDays) : QVariant()}));
}

NamePurge::Slot slotOf(const LeavingPhoto &photo)
{
    return {photo.accountId, photo.sha256, photo.projectId, photo.relativePath, {}};
}

} // namespace

Result<> leave(const QSqlDatabase &database, const LeavingPhoto &photo, qint64 nowMs, std::optional<int> backupsKeptDays)
{
    if (const Result<> recorded = record(database, photo, nowMs, backupsKeptDays); !recorded)
        return recorded;
    // What it is found by goes with it, in server_search.
    if (const Result<int> removed = change(database, "DELETE FROM server_assets WHERE asset_id = ?"_L1, {photo.assetId}); !removed)
        return removed.error();
    if (const Result<> purged = NamePurge(database, nowMs).purge(slotOf(photo)); !purged)
        return purged;
    const Result<int> forgotten = change(database,
                                         "DELETE FROM server_objects WHERE account_id = ? AND sha256 = ? AND size = ? AND NOT EXISTS ("
                                         " SELECT 1 FROM server_assets a WHERE a.account_id = server_objects.account_id"
                                         " AND a.sha256 = server_objects.sha256 AND a.size = server_objects.size)"_L1,
                                         {photo.accountId, photo.sha256, photo.size});
    if (!forgotten)
        return forgotten.error();
    return *forgotten > 0 ? RemovalTable(database).add(photo.sha256, photo.size) : Result<>();
}

Result<> leaveOne(const QSqlDatabase &database, const LeavingPhoto &photo, const QString &userId, qint64 nowMs, std::optional<int> backupsKeptDays)
{
    if (const Result<> recorded = record(database, photo, nowMs, backupsKeptDays); !recorded)
        return recorded;
    // It is another one's from here on, who brought it too.
    const Result<int> passedOn = change(database,
                                        "UPDATE server_assets SET client_upload_id = (SELECT min(u.client_upload_id) FROM server_uploads u"
                                        " WHERE u.account_id = server_assets.account_id AND u.sha256 = server_assets.sha256"
                                        " AND u.project_id = server_assets.project_id AND u.relative_path = server_assets.relative_path"
                                        " AND u.user_id <> ? AND u.state IN ('ended', 'duplicate', 'recalled'))"
                                        " WHERE asset_id = ? AND EXISTS (SELECT 1 FROM server_uploads o"
                                        " WHERE o.client_upload_id = server_assets.client_upload_id AND o.user_id = ?)"_L1,
                                        {userId, photo.assetId, userId});
    if (!passedOn)
        return passedOn.error();
    NamePurge::Slot slot = slotOf(photo);
    slot.userId = userId;
    if (const Result<> purged = NamePurge(database, nowMs).purge(slot); !purged)
        return purged;
    return withoutValue(change(database, "DELETE FROM server_withdrawals WHERE asset_id = ? AND user_id = ?"_L1, {photo.assetId, userId}));
}

} // namespace photolift::server
