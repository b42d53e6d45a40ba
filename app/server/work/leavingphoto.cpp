#include "app/server/work/leavingphoto.h"

#include "app/server/work/namepurge.h"
#include "app/server/work/removaltable.h"
#include "app/server/work/statement.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

struct Asset {
    NamePurge::Slot slot;
    qint64 size = 0;
};

Result<QList<Asset>> assetsOf(const QSqlDatabase &database, qint64 assetId)
{
    return listOf(execute(database, "SELECT account_id, sha256, project_id, relative_path, size FROM server_assets WHERE asset_id = ?"_L1, {assetId}),
                  [](const QSqlQuery &row) {
                      return Asset{{row.value(0).toString(), row.value(1).toString(), row.value(2).toString(), row.value(3).toString(), {}},
                                   row.value(4).toLongLong()};
                  });
}

Result<> leaveForGood(const QSqlDatabase &database, const LeavingPhoto &photo, const Asset &asset, qint64 nowMs)
{
    // What it is found by goes with it, in server_search.
    if (const Result<int> removed = change(database, "DELETE FROM server_assets WHERE asset_id = ?"_L1, {photo.assetId}); !removed)
        return removed.error();
    if (const Result<> purged = NamePurge(database, nowMs).purge(asset.slot); !purged)
        return purged;
    return RemovalTable(database).forget(asset.slot.accountId, {asset.slot.sha256, asset.size});
}

Result<> leaveOne(const QSqlDatabase &database, const LeavingPhoto &photo, const Asset &asset, qint64 nowMs)
{
    // It is another one's from here on, who brought it too.
    const Result<int> passedOn = change(database,
                                        "UPDATE server_assets SET client_upload_id = (SELECT min(u.client_upload_id) FROM server_uploads u"
                                        " WHERE u.account_id = server_assets.account_id AND u.sha256 = server_assets.sha256"
                                        " AND u.project_id = server_assets.project_id AND u.relative_path = server_assets.relative_path"
                                        " AND u.user_id <> ? AND u.state IN ('ended', 'duplicate', 'recalled'))"
                                        " WHERE asset_id = ? AND EXISTS (SELECT 1 FROM server_uploads o"
                                        " WHERE o.client_upload_id = server_assets.client_upload_id AND o.user_id = ?)"_L1,
                                        {photo.onlyOf, photo.assetId, photo.onlyOf});
    if (!passedOn)
        return passedOn.error();
    NamePurge::Slot slot = asset.slot;
    slot.userId = photo.onlyOf;
    if (const Result<> purged = NamePurge(database, nowMs).purge(slot); !purged)
        return purged;
    return withoutValue(change(database, "DELETE FROM server_withdrawals WHERE asset_id = ? AND user_id = ?"_L1, {photo.assetId, photo.onlyOf}));
}

} // namespace

Result<> writePurge(const QSqlDatabase &database, const PurgeRecord &record, qint64 nowMs, std::optional<int> backupsKeptDays)
{
    return withoutValue(change(database,
                               "INSERT INTO server_purges (account_id, project_id, client_upload_id, size, rule, due_ms, removed_ms,"
                               " backups_kept_days) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"_L1,
                               {record.accountId, record.projectId, record.clientUploadId, record.size, record.rule, record.dueMs, nowMs,
                                backupsKeptDays ? QVariant(*backupsKeptDays) : QVariant()}));
}

Result<bool> leave(const QSqlDatabase &database, const LeavingPhoto &photo, qint64 nowMs, std::optional<int> backupsKeptDays)
{
    const Result<QList<Asset>> found = assetsOf(database, photo.assetId);
    if (!found || found->isEmpty())
        return found ? Result<bool>(false) : found.error();
    const Asset &asset = found->first();
    const PurgeRecord record{asset.slot.accountId, asset.slot.projectId, photo.clientUploadId, asset.size, photo.rule, photo.dueMs};
    if (const Result<> recorded = writePurge(database, record, nowMs, backupsKeptDays); !recorded)
        return recorded.error();
    const Result<> left = photo.onlyOf.isEmpty() ? leaveForGood(database, photo, asset, nowMs) : leaveOne(database, photo, asset, nowMs);
    return left ? Result<bool>(true) : left.error();
}

} // namespace photolift::server
