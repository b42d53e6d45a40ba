#include "app/server/work/reprocesstable.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Stage stageOf(const QVariant &name)
{
    return stageFromName(name.toString()).value_or(Stage::Processing);
}

QVariantList keyOf(const ReprocessJob &job)
{
    return {QString(stageName(job.stage)), job.assetId};
}

} // namespace

ReprocessTable::ReprocessTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<QList<ReprocessTable::Run>> ReprocessTable::read(QLatin1StringView sql, const QVariantList &values) const
{
    Result<Answer> query = execute(m_database, sql, values);
    if (!query)
        return query.error();
    QList<Run> runs;
    while (query->next()) {
        runs.append({QUuid::fromString(query->value(0).toString()), stageOf(query->value(1)), query->value(2).toString(),
                     query->value(3).toLongLong(), query->value(4).toLongLong(), query->value(5).toLongLong(), query->value(6).toLongLong(),
                     query->value(7).toLongLong(), 0, 0});
    }
    query->finish();
    for (Run &run : runs) {
        Result<Answer> sums = execute(
            m_database, "SELECT count(*) - count(failed_ms), count(failed_ms) FROM server_reprocess_jobs WHERE run_id = ?"_L1, {idText(run.runId)});
        if (!sums)
            return sums.error();
        if (sums->next()) {
            run.remaining = sums->value(0).toLongLong();
            run.failed = sums->value(1).toLongLong();
        }
    }
    return runs;
}

Result<std::optional<ReprocessTable::Run>> ReprocessTable::unfinished(Stage stage, const QString &conditions) const
{
    const Result<QList<Run>> same = read("SELECT run_id, stage, conditions_json, created_ms, behind_asset, last_asset, photos, bytes"
                                         " FROM server_reprocess_runs r WHERE stage = ? AND conditions_json = ? AND (behind_asset < last_asset OR "
                                         "EXISTS ("
                                         " SELECT 1 FROM server_reprocess_jobs j WHERE j.run_id = r.run_id AND j.failed_ms IS NULL))"
                                         " ORDER BY created_ms, run_id LIMIT 1"_L1,
                                         {QString(stageName(stage)), conditions});
    if (!same)
        return same.error();
    return same->isEmpty() ? std::optional<Run>() : std::optional(same->first());
}

Result<> ReprocessTable::begin(const Run &run) const
{
    return withoutValue(change(m_database,
                               "INSERT INTO server_reprocess_runs (run_id, stage, conditions_json, created_ms, behind_asset, last_asset)"
                               " VALUES (?, ?, ?, ?, ?, ?)"_L1,
                               {idText(run.runId), QString(stageName(run.stage)), run.conditions, run.createdMs, run.behindAsset, run.lastAsset}));
}

Result<std::optional<ReprocessTable::Run>> ReprocessTable::byId(const QUuid &runId) const
{
    const Result<QList<Run>> found = read("SELECT run_id, stage, conditions_json, created_ms, behind_asset, last_asset, photos, bytes"
                                          " FROM server_reprocess_runs WHERE run_id = ?{ FOR UPDATE}"_L1,
                                          {idText(runId)});
    if (!found)
        return found.error();
    return found->isEmpty() ? std::optional<Run>() : std::optional(found->first());
}

Result<QList<ReprocessTable::Run>> ReprocessTable::runs(int most) const
{
    return read("SELECT run_id, stage, conditions_json, created_ms, behind_asset, last_asset, photos, bytes FROM "
                "server_reprocess_runs"
                " ORDER BY created_ms DESC, run_id DESC LIMIT ?"_L1,
                {most});
}

Result<qint64> ReprocessTable::newestAsset() const
{
    Result<Answer> query = execute(m_database, "SELECT coalesce(max(asset_id), 0) FROM server_assets"_L1);
    if (!query)
        return query.error();
    return query->next() ? query->value(0).toLongLong() : 0;
}

Result<qint64> ReprocessTable::upTo(qint64 behind, qint64 last, int most) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT max(asset_id) FROM (SELECT asset_id FROM server_assets WHERE asset_id > ? AND asset_id <= ?"
                                   " ORDER BY asset_id LIMIT ?) next"_L1,
                                   {behind, last, most});
    if (!query)
        return query.error();
    return query->next() && !query->value(0).isNull() ? query->value(0).toLongLong() : last;
}

Result<ReprocessTable::Sum> ReprocessTable::count(const ReprocessFilter &filter, Stage stage, qint64 behind, qint64 last, int most) const
{
    const Result<qint64> end = upTo(behind, last, most);
    if (!end)
        return end.error();
    const QByteArray sql = "SELECT count(*), CAST(coalesce(sum(a.size), 0) AS bigint)" + filter.sql();
    Result<Answer> query = execute(m_database, QLatin1StringView(sql), filter.values(stage, behind, *end));
    if (!query)
        return query.error();
    Sum sum{0, 0, *end};
    if (query->next()) {
        sum.photos = query->value(0).toLongLong();
        sum.bytes = query->value(1).toLongLong();
    }
    return sum;
}

Result<ReprocessTable::Sum> ReprocessTable::add(const ReprocessFilter &filter, const Run &run, int most) const
{
    const Result<qint64> end = upTo(run.behindAsset, run.lastAsset, most);
    if (!end)
        return end.error();
    // A photo that is purged at this moment is passed over, instead of leaving a row without it.
    const QByteArray sql = "INSERT INTO server_reprocess_jobs (stage, asset_id, run_id, client_upload_id, size, queued_ms)"
                           " SELECT ?, a.asset_id, ?, a.client_upload_id, a.size, CAST(? AS bigint)"
        + filter.sql()
        + "{ FOR KEY SHARE OF a}"
          " ON CONFLICT (stage, asset_id) DO UPDATE SET run_id = excluded.run_id, queued_ms = excluded.queued_ms, lease_owner = '',"
          " lease_until_ms = 0, tries = 0, error_code = NULL, failed_ms = NULL WHERE server_reprocess_jobs.failed_ms IS NOT NULL"
          " RETURNING size";
    Result<Answer> query =
        execute(m_database, QLatin1StringView(sql),
                QVariantList{QString(stageName(run.stage)), idText(run.runId), run.createdMs} + filter.values(run.stage, run.behindAsset, *end));
    if (!query)
        return query.error();
    Sum sum{0, 0, *end};
    while (query->next()) {
        ++sum.photos;
        sum.bytes += query->value(0).toLongLong();
    }
    query->finish();
    const Result<int> moved =
        change(m_database, "UPDATE server_reprocess_runs SET behind_asset = ?, photos = photos + ?, bytes = bytes + ? WHERE run_id = ?"_L1,
               {sum.upTo, sum.photos, sum.bytes, idText(run.runId)});
    return moved ? Result<Sum>(sum) : moved.error();
}

Result<bool> ReprocessTable::isAnyWaiting() const
{
    Result<Answer> query = execute(m_database, "SELECT 1 FROM server_reprocess_jobs WHERE failed_ms IS NULL LIMIT 1"_L1);
    if (!query)
        return query.error();
    return query->next();
}

Result<std::optional<ReprocessJob>> ReprocessTable::take(const QString &owner, qint64 nowMs, qint64 leaseUntilMs) const
{
    Result<Answer> query =
        execute(m_database,
                "WITH due AS MATERIALIZED (SELECT stage, asset_id FROM server_reprocess_jobs WHERE failed_ms IS NULL AND "
                "lease_until_ms < ?"
                " AND lease_owner <> ? AND NOT EXISTS (SELECT 1 FROM server_jobs WHERE tries = 0)"
                " ORDER BY queued_ms, asset_id LIMIT 1{ FOR UPDATE SKIP LOCKED})"
                " UPDATE server_reprocess_jobs SET lease_owner = ?, lease_until_ms = ?"
                " WHERE (stage, asset_id) IN (SELECT stage, asset_id FROM due) RETURNING run_id, stage, asset_id, client_upload_id, tries"_L1,
                {nowMs, owner, owner, leaseUntilMs});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<ReprocessJob>();
    return std::optional(ReprocessJob{QUuid::fromString(query->value(0).toString()), stageOf(query->value(1)), query->value(2).toLongLong(),
                                      QUuid::fromString(query->value(3).toString()), query->value(4).toInt()});
}

Result<> ReprocessTable::renew(const QString &owner, qint64 leaseUntilMs) const
{
    return withoutValue(change(m_database, "UPDATE server_reprocess_jobs SET lease_until_ms = ? WHERE lease_owner = ?"_L1, {leaseUntilMs, owner}));
}

Result<> ReprocessTable::freeOf(const QString &owner, const QString &endedOwners) const
{
    return withoutValue(change(m_database,
                               "UPDATE server_reprocess_jobs SET lease_owner = '', lease_until_ms = 0"
                               " WHERE lease_owner <> ? AND lease_owner <> '' AND lease_owner LIKE ?"_L1,
                               {owner, endedOwners}));
}

Result<> ReprocessTable::letGo(const QString &owner, qint64 notBeforeMs) const
{
    return withoutValue(change(m_database, "UPDATE server_reprocess_jobs SET lease_owner = '', lease_until_ms = ?, tries = tries + 1 WHERE lease_owner = ?"_L1,
                               {notBeforeMs, owner}));
}

Result<bool> ReprocessTable::isHeldBy(const ReprocessJob &job, const QString &owner) const
{
    Result<Answer> query = execute(m_database, "SELECT 1 FROM server_reprocess_jobs WHERE stage = ? AND asset_id = ? AND lease_owner = ?"_L1,
                                   keyOf(job) + QVariantList{owner});
    if (!query)
        return query.error();
    return query->next();
}

Result<> ReprocessTable::done(const ReprocessJob &job) const
{
    return withoutValue(change(m_database, "DELETE FROM server_reprocess_jobs WHERE stage = ? AND asset_id = ?"_L1, keyOf(job)));
}

Result<> ReprocessTable::putOff(const ReprocessJob &job, ErrorCode code, qint64 notBeforeMs) const
{
    return withoutValue(change(m_database,
                               "UPDATE server_reprocess_jobs SET lease_owner = '', lease_until_ms = ?, tries = tries + 1, error_code = ?"
                               " WHERE stage = ? AND asset_id = ?"_L1,
                               QVariantList{notBeforeMs, QString(errorName(code))} + keyOf(job)));
}

Result<> ReprocessTable::fail(const ReprocessJob &job, ErrorCode code, qint64 nowMs) const
{
    return withoutValue(change(m_database,
                               "UPDATE server_reprocess_jobs SET lease_owner = '', lease_until_ms = 0, tries = tries + "
                               "1, error_code = ?, failed_ms = ?"
                               " WHERE stage = ? AND asset_id = ?"_L1,
                               QVariantList{QString(errorName(code)), nowMs} + keyOf(job)));
}

Result<QList<ReprocessTable::Failed>> ReprocessTable::failed(int most) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT run_id, stage, asset_id, client_upload_id, tries, error_code, failed_ms FROM server_reprocess_jobs"
                                   " WHERE failed_ms IS NOT NULL ORDER BY failed_ms, asset_id LIMIT ?"_L1,
                                   {most});
    if (!query)
        return query.error();
    QList<Failed> jobs;
    while (query->next()) {
        jobs.append({{QUuid::fromString(query->value(0).toString()), stageOf(query->value(1)), query->value(2).toLongLong(),
                      QUuid::fromString(query->value(3).toString()), query->value(4).toInt()},
                     errorFromName(query->value(5).toString()),
                     query->value(6).toLongLong()});
    }
    return jobs;
}

Result<int> ReprocessTable::retry(const std::optional<QUuid> &runId) const
{
    // Whoever holds one at this moment goes on with it.
    return change(m_database,
                  "UPDATE server_reprocess_jobs SET lease_until_ms = 0, tries = 0, failed_ms = NULL"
                  " WHERE lease_owner = '' AND tries > 0 AND (run_id = ? OR ? = '')"_L1,
                  {runId ? idText(*runId) : u""_s, runId ? idText(*runId) : u""_s});
}

} // namespace photolift::server
