#include "app/server/work/retentiontable.h"

#include "app/server/work/leavingphoto.h"
#include "app/server/work/purge.h"
#include "app/server/work/quarantinetable.h"
#include "app/server/work/serverclock.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// How the photos, or what is in quarantine, stand in each project of an account with a rule.
#define STANDING_OF(table, key, days)                                                                                                                 \
    "SELECT r.project_id, r.purge_after_days, count(a.purge_ms), CAST(coalesce(sum(CASE WHEN a.purge_ms IS NOT NULL THEN a.size END), 0) AS bigint)," \
    " min(a.purge_ms), count(o.size), CAST(coalesce(sum(o.size), 0) AS bigint) FROM server_project_rules r"                                           \
    " LEFT JOIN " table " a ON a.project_id = r.project_id LEFT JOIN " table " o ON o." key " = a." key " AND o.purge_ms IS NULL"                     \
    " AND " days " <= ? - CAST(r.purge_after_days AS bigint) * 86400000 WHERE r.account_id = ? GROUP BY r.project_id, r.purge_after_days ORDER BY r.project_id"

} // namespace

RetentionTable::RetentionTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<std::optional<int>> RetentionTable::daysOf(const QUuid &projectId) const
{
    Result<Answer> query =
        execute(m_database, "SELECT purge_after_days FROM server_project_rules WHERE project_id = ?"_L1, {idText(projectId)});
    if (!query)
        return query.error();
    return query->next() ? std::optional(query->value(0).toInt()) : std::nullopt;
}

Result<> RetentionTable::setDays(const QString &accountId, const QUuid &projectId, std::optional<int> days) const
{
    const Result<int> unmarked = change(m_database, "UPDATE server_assets SET purge_ms = NULL WHERE project_id = ? AND purge_ms IS NOT NULL"_L1,
                                        {idText(projectId)});
    if (!unmarked)
        return unmarked.error();
    if (const Result<int> kept = QuarantineTable(m_database).unmark(projectId); !kept)
        return kept.error();
    if (!days)
        return withoutValue(change(m_database, "DELETE FROM server_project_rules WHERE project_id = ?"_L1, {idText(projectId)}));
    return withoutValue(change(m_database,
                               "INSERT INTO server_project_rules (project_id, account_id, purge_after_days) VALUES (?, ?, ?)"
                               " ON CONFLICT (project_id) DO UPDATE SET purge_after_days = excluded.purge_after_days"_L1,
                               {idText(projectId), accountId, *days}));
}

Result<QList<RetentionTable::Standing>> RetentionTable::standings(const QString &accountId, qint64 nowMs) const
{
    const auto read = [](const auto &row) {
        Standing standing;
        standing.projectId = QUuid::fromString(row.value(0).toString());
        standing.days = row.value(1).toInt();
        standing.marked = row.value(2).toLongLong();
        standing.markedBytes = row.value(3).toLongLong();
        if (!row.value(4).isNull())
            standing.firstPurgeMs = row.value(4).toLongLong();
        standing.overdue = row.value(5).toLongLong();
        standing.overdueBytes = row.value(6).toLongLong();
        return standing;
    };
    Result<QList<Standing>> photos =
        listOf(execute(m_database, STANDING_OF("server_assets", "asset_id", "coalesce(o.wanted_ms, o.created_ms)") ""_L1, {nowMs, accountId}), read);
    const Result<QList<Standing>> quarantined =
        listOf(execute(m_database, STANDING_OF("server_quarantine", "quarantine_id", "o.kept_ms") ""_L1, {nowMs, accountId}), read);
    if (!photos || !quarantined)
        return photos ? quarantined : photos;
    for (qsizetype i = 0; i < photos->size() && i < quarantined->size(); ++i) {
        Standing &sum = (*photos)[i]; // both have a row for each rule, in the same order
        const Standing &more = quarantined->at(i);
        sum.marked += more.marked;
        sum.markedBytes += more.markedBytes;
        sum.overdue += more.overdue;
        sum.overdueBytes += more.overdueBytes;
        if (more.firstPurgeMs)
            sum.firstPurgeMs = std::min(sum.firstPurgeMs.value_or(*more.firstPurgeMs), *more.firstPurgeMs);
    }
    return photos;
}

Result<QList<qint64>> RetentionTable::overdue(qint64 nowMs, int most) const
{
    return keysOf(execute(m_database,
                          "SELECT a.asset_id FROM server_project_rules r JOIN server_assets a ON a.project_id = r.project_id"
                          " WHERE a.purge_ms IS NULL AND coalesce(a.wanted_ms, a.created_ms) <= ? - CAST(r.purge_after_days AS bigint) * 86400000 LIMIT ?"_L1,
                          {nowMs, most}));
}

Result<bool> RetentionTable::mark(qint64 assetId, qint64 nowMs, bool isClockSteady) const
{
    Result<Answer> found = execute(m_database,
                                   "SELECT coalesce(a.wanted_ms, a.created_ms) + CAST(r.purge_after_days AS bigint) * 86400000"
                                   " FROM server_assets a JOIN server_project_rules r ON r.project_id = a.project_id WHERE a.asset_id = ? AND a.purge_ms IS NULL"_L1,
                                   {assetId});
    if (!found)
        return found.error();
    if (!found->next() || found->value(0).toLongLong() > nowMs)
        return false;
    const qint64 purgeMs = purgeTime(found->value(0).toLongLong(), nowMs, isClockSteady);
    found->finish();
    const Result<int> marked = change(m_database, "UPDATE server_assets SET purge_ms = ? WHERE asset_id = ?"_L1, {purgeMs, assetId});
    return marked ? Result<bool>(*marked > 0) : marked.error();
}

Result<int> RetentionTable::undo(const QUuid &projectId, qint64 nowMs) const
{
    const Result<qint64> daysBegin = ServerClock(m_database).daysBegin(nowMs);
    if (!daysBegin)
        return daysBegin.error();
    const Result<int> photos = change(m_database,
                                      "UPDATE server_assets SET purge_ms = NULL, wanted_ms = ? WHERE project_id = ? AND (purge_ms IS NOT NULL OR EXISTS ("
                                      " SELECT 1 FROM server_project_rules r WHERE r.project_id = server_assets.project_id"
                                      " AND coalesce(wanted_ms, created_ms) <= ? - CAST(r.purge_after_days AS bigint) * 86400000))"_L1,
                                      {*daysBegin, idText(projectId), nowMs});
    const Result<int> quarantined = photos ? QuarantineTable(m_database).undo(projectId, *daysBegin, nowMs) : photos;
    return quarantined ? Result<int>(*photos + *quarantined) : quarantined;
}

Result<int> RetentionTable::unmarkAll() const
{
    const Result<int> photos = change(m_database, "UPDATE server_assets SET purge_ms = NULL WHERE purge_ms IS NOT NULL"_L1);
    const Result<int> quarantined = photos ? QuarantineTable(m_database).unmarkAll() : photos;
    return quarantined ? Result<int>(*photos + *quarantined) : quarantined;
}

Result<QList<qint64>> RetentionTable::due(qint64 nowMs, int most) const
{
    return keysOf(execute(m_database, "SELECT asset_id FROM server_assets WHERE purge_ms <= ? LIMIT ?"_L1, {nowMs, most}));
}

Result<bool> RetentionTable::remove(qint64 assetId, qint64 nowMs, std::optional<int> backupsKeptDays) const
{
    Result<Answer> found = execute(m_database,
                                   "SELECT a.client_upload_id, a.purge_ms, r.purge_after_days"
                                   " FROM server_assets a JOIN server_project_rules r ON r.project_id = a.project_id"
                                   " WHERE a.asset_id = ? AND a.purge_ms <= ?"_L1,
                                   {assetId, nowMs});
    if (!found)
        return found.error();
    if (!found->next())
        return false;
    const LeavingPhoto photo{assetId, found->value(0).toString(), u"after %1 days"_s.arg(found->value(2).toInt()), found->value(1).toLongLong(), {}};
    found->finish();
    return leave(m_database, photo, nowMs, backupsKeptDays);
}

} // namespace photolift::server
