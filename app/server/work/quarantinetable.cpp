#include "app/server/work/quarantinetable.h"

#include "app/server/work/leavingphoto.h"
#include "app/server/work/namepurge.h"
#include "app/server/work/purge.h"
#include "app/server/work/removaltable.h"
#include "app/server/work/serverclock.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

#define IS_OVERDUE "kept_ms <= ? - CAST(r.purge_after_days AS bigint) * 86400000"

/// One whose second phase has come.
struct Leaving {
    NamePurge::Slot slot;
    PurgeRecord record;
    bool isPhoto = false; ///< another attempt with the same bytes passed the check: their names go when that photo goes
};

Result<QList<Leaving>> leavingNow(const QSqlDatabase &database, qint64 id, qint64 nowMs)
{
    auto found = execute(database,
                         "SELECT q.account_id, q.sha256, q.project_id, q.relative_path, q.user_id, q.client_upload_id, q.size, q.purge_ms, q.removed_ms,"
                         " r.purge_after_days,"
                         " EXISTS (SELECT 1 FROM server_erasures e WHERE e.user_id = q.user_id AND e.begun_ms IS NOT NULL),"
                         " EXISTS (SELECT 1 FROM server_assets a WHERE a.account_id = q.account_id AND a.sha256 = q.sha256"
                         " AND a.project_id = q.project_id AND a.relative_path = q.relative_path)"
                         " FROM server_quarantine q LEFT JOIN server_project_rules r ON r.project_id = q.project_id"
                         " WHERE q.quarantine_id = ? AND (q.removed_ms <= ? OR (q.purge_ms <= ? AND r.project_id IS NOT NULL))"_L1,
                         {id, nowMs - PurgeGraceMs, nowMs});
    return listOf(std::move(found), [nowMs](const auto &row) {
        Leaving leaving;
        leaving.slot = {row.value(0).toString(), row.value(1).toString(), row.value(2).toString(), row.value(3).toString(), row.value(4).toString()};
        leaving.record = {leaving.slot.accountId, leaving.slot.projectId, row.value(5).toString(), row.value(6).toLongLong(), {}, 0};
        const bool isRemoved = !row.value(8).isNull() && row.value(8).toLongLong() <= nowMs - PurgeGraceMs;
        leaving.record.dueMs = isRemoved ? row.value(8).toLongLong() + PurgeGraceMs : row.value(7).toLongLong();
        if (isRemoved)
            leaving.record.rule = row.value(10).toBool() ? u"its owner was erased"_s : u"removed by its owner"_s;
        else
            leaving.record.rule = u"after %1 days"_s.arg(row.value(9).toInt());
        leaving.isPhoto = row.value(11).toBool();
        return leaving;
    });
}

} // namespace

QuarantineTable::QuarantineTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<> QuarantineTable::add(const Upload &upload, qint64 nowMs) const
{
    const Result<qint64> daysBegin = ServerClock(m_database).daysBegin(nowMs);
    if (!daysBegin)
        return daysBegin.error();
    const QString project = idText(upload.attempt.projectId);
    const QString attempt = idText(upload.attempt.clientUploadId);
    const QString &path = upload.attempt.relativePath;
    const Result<int> added = change(m_database,
                                     "INSERT INTO server_quarantine (account_id, user_id, sha256, size, project_id, relative_path, client_upload_id, kept_ms)"
                                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"_L1,
                                     {upload.accountId, upload.userId, upload.sha256, upload.size, project, path, attempt, *daysBegin});
    if (!added || *added > 0)
        return withoutValue(added);
    return withoutValue(change(m_database,
                               "UPDATE server_quarantine SET client_upload_id = ?, kept_ms = ?, purge_ms = NULL, removed_ms = NULL"
                               " WHERE account_id = ? AND sha256 = ? AND user_id = ? AND project_id = ? AND relative_path = ?"_L1,
                               {attempt, *daysBegin, upload.accountId, upload.sha256, upload.userId, project, path}));
}

Result<QList<QuarantineTable::Original>> QuarantineTable::originals(const QString &accountId, const QString &userId, qint64 behind, int most) const
{
    auto found = execute(m_database,
                         "SELECT quarantine_id, client_upload_id, sha256, size, project_id, relative_path, removed_ms FROM server_quarantine"
                         " WHERE account_id = ? AND user_id = ? AND quarantine_id > ? ORDER BY quarantine_id LIMIT ?"_L1,
                         {accountId, userId, behind, most});
    return listOf(std::move(found), [](const auto &row) {
        Original original{row.value(0).toLongLong(), row.value(1).toString(), row.value(2).toString(), row.value(3).toLongLong(),
                          row.value(4).toString(), row.value(5).toString(), {}};
        if (!row.value(6).isNull())
            original.removedMs = row.value(6).toLongLong();
        return original;
    });
}

Result<QList<qint64>> QuarantineTable::overdue(qint64 nowMs, int most) const
{
    return keysOf(execute(m_database,
                          "SELECT quarantine_id FROM server_project_rules r JOIN server_quarantine q ON q.project_id = r.project_id"
                          " WHERE purge_ms IS NULL AND " IS_OVERDUE " LIMIT ?"_L1,
                          {nowMs, most}));
}

Result<bool> QuarantineTable::mark(qint64 id, qint64 nowMs, bool isClockSteady) const
{
    Result<Answer> found = execute(m_database,
                                   "SELECT q.kept_ms + CAST(r.purge_after_days AS bigint) * 86400000"
                                   " FROM server_quarantine q JOIN server_project_rules r ON r.project_id = q.project_id"
                                   " WHERE q.quarantine_id = ? AND q.purge_ms IS NULL"_L1,
                                   {id});
    if (!found)
        return found.error();
    if (!found->next() || found->value(0).toLongLong() > nowMs)
        return false;
    const qint64 purgeMs = purgeTime(found->value(0).toLongLong(), nowMs, isClockSteady);
    found->finish();
    const Result<int> marked = change(m_database, "UPDATE server_quarantine SET purge_ms = ? WHERE quarantine_id = ?"_L1, {purgeMs, id});
    return marked ? Result<bool>(*marked > 0) : marked.error();
}

Result<int> QuarantineTable::unmark(const QUuid &projectId) const
{
    return change(m_database, "UPDATE server_quarantine SET purge_ms = NULL WHERE project_id = ? AND purge_ms IS NOT NULL"_L1, {idText(projectId)});
}

Result<int> QuarantineTable::undo(const QUuid &projectId, qint64 daysBegin, qint64 nowMs) const
{
    return change(m_database,
                  "UPDATE server_quarantine SET purge_ms = NULL, kept_ms = ? WHERE project_id = ? AND (purge_ms IS NOT NULL OR EXISTS ("
                  " SELECT 1 FROM server_project_rules r WHERE r.project_id = server_quarantine.project_id AND " IS_OVERDUE "))"_L1,
                  {daysBegin, idText(projectId), nowMs});
}

Result<int> QuarantineTable::unmarkAll() const
{
    return change(m_database, "UPDATE server_quarantine SET purge_ms = NULL WHERE purge_ms IS NOT NULL"_L1);
}

Result<int> QuarantineTable::beginAnew(qint64 nowMs) const
{
    return change(m_database, "UPDATE server_quarantine SET removed_ms = ? WHERE removed_ms IS NOT NULL"_L1, {nowMs});
}

Result<QList<qint64>> QuarantineTable::due(qint64 nowMs, int most) const
{
    return keysOf(execute(m_database, "SELECT quarantine_id FROM server_quarantine WHERE purge_ms <= ? OR removed_ms <= ? LIMIT ?"_L1,
                          {nowMs, nowMs - PurgeGraceMs, most}));
}

Result<bool> QuarantineTable::remove(qint64 id, qint64 nowMs, std::optional<int> backupsKeptDays) const
{
    const Result<QList<Leaving>> found = leavingNow(m_database, id, nowMs);
    if (!found || found->isEmpty())
        return found ? Result<bool>(false) : found.error();
    const Leaving &leaving = found->first();
    if (const Result<int> removed = change(m_database, "DELETE FROM server_quarantine WHERE quarantine_id = ?"_L1, {id}); !removed)
        return removed.error();
    if (leaving.isPhoto)
        return true;
    if (const Result<> recorded = writePurge(m_database, leaving.record, nowMs, backupsKeptDays); !recorded)
        return recorded.error();
    if (const Result<> purged = NamePurge(m_database, nowMs).purge(leaving.slot); !purged)
        return purged.error();
    const Result<> forgotten = RemovalTable(m_database).forget(leaving.slot.accountId, {leaving.slot.sha256, leaving.record.size});
    return forgotten ? Result<bool>(true) : forgotten.error();
}

} // namespace photolift::server
