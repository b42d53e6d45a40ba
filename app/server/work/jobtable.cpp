#include "app/server/work/jobtable.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

#include <algorithm>
#include <utility>
#include <vector>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Job jobFrom(const QSqlQuery &row)
{
    return {QUuid::fromString(row.value(0).toString()), stageFromName(row.value(1).toString()).value_or(Stage::Reception), row.value(2).toInt()};
}

} // namespace

JobTable::JobTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<> JobTable::add(const QUuid &uploadId, const QString &owner, qint64 leaseUntilMs, qint64 nowMs) const
{
    return withoutValue(change(m_database,
                               "INSERT INTO server_jobs (upload_id, stage, lease_owner, lease_until_ms, queued_ms) VALUES (?, ?, ?, ?, ?)"_L1,
                               {idText(uploadId), QString(stageName(Stage::Reception)), owner, leaseUntilMs, nowMs}));
}

Result<> JobTable::addFree(const QUuid &uploadId, qint64 nowMs) const
{
    return add(uploadId, u""_s, 0, nowMs);
}

Result<> JobTable::moveTo(const QUuid &uploadId, Stage stage) const
{
    return withoutValue(change(m_database, "UPDATE server_jobs SET stage = ?, tries = 0 WHERE upload_id = ?"_L1,
                               {QString(stageName(stage)), idText(uploadId)}));
}

Result<> JobTable::countTry(const QUuid &uploadId) const
{
    return withoutValue(change(m_database, "UPDATE server_jobs SET tries = tries + 1 WHERE upload_id = ?"_L1, {idText(uploadId)}));
}

Result<> JobTable::remove(const QUuid &uploadId) const
{
    return withoutValue(change(m_database, "DELETE FROM server_jobs WHERE upload_id = ?"_L1, {idText(uploadId)}));
}

Result<> JobTable::renew(const QString &owner, qint64 leaseUntilMs) const
{
    return withoutValue(change(m_database, "UPDATE server_jobs SET lease_until_ms = ? WHERE lease_owner = ?"_L1, {leaseUntilMs, owner}));
}

Result<QList<Job>> JobTable::taken(QLatin1StringView sql, const QVariantList &values) const
{
    Result<Answer> query = execute(m_database, sql, values);
    if (!query)
        return query.error();
    std::vector<std::pair<qint64, Job>> rows; // in no order
    while (query->next())
        rows.emplace_back(query->value(3).toLongLong(), jobFrom(query->row()));
    std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) { return std::pair(a.first, a.second.uploadId) < std::pair(b.first, b.second.uploadId); });
    QList<Job> jobs;
    for (const auto &[queuedMs, job] : rows)
        jobs.append(job);
    return jobs;
}

Result<QList<Job>> JobTable::takeOver(const QString &owner, qint64 leaseUntilMs, const QString &endedOwners) const
{
    return taken("UPDATE server_jobs SET lease_owner = ?, lease_until_ms = ?, tries = tries + 1"
                 " WHERE lease_owner <> ? AND lease_owner <> '' AND lease_owner LIKE ? RETURNING upload_id, stage, tries, queued_ms"_L1,
                 {owner, leaseUntilMs, owner, endedOwners});
}

Result<QList<Job>> JobTable::takeDue(const QString &owner, qint64 nowMs, qint64 leaseUntilMs, int most) const
{
    return taken("WITH due AS MATERIALIZED (SELECT upload_id FROM server_jobs WHERE lease_until_ms < ? AND lease_owner <> ?"
                 " ORDER BY queued_ms, upload_id LIMIT ?{ FOR UPDATE SKIP LOCKED})"
                 " UPDATE server_jobs SET lease_owner = ?, lease_until_ms = ?, tries = tries + CASE lease_owner WHEN '' THEN 0 ELSE 1 END"
                 " WHERE upload_id IN (SELECT upload_id FROM due) RETURNING upload_id, stage, tries, queued_ms"_L1,
                 {nowMs, owner, most, owner, leaseUntilMs});
}

Result<QList<Job>> JobTable::heldBy(const QString &owner) const
{
    return listOf(execute(m_database, "SELECT upload_id, stage, tries FROM server_jobs WHERE lease_owner = ?"_L1, {owner}), jobFrom);
}

Result<QList<QUuid>> JobTable::release(const QString &owner) const
{
    return listOf(execute(m_database, "UPDATE server_jobs SET lease_owner = '', lease_until_ms = 0 WHERE lease_owner = ? RETURNING upload_id"_L1, {owner}),
                  [](const QSqlQuery &row) { return QUuid::fromString(row.value(0).toString()); });
}

Result<int> JobTable::setFree(const QUuid &uploadId) const
{
    return change(m_database, "UPDATE server_jobs SET lease_owner = '', lease_until_ms = 0, tries = 0 WHERE upload_id = ?"_L1, {idText(uploadId)});
}

Result<int> JobTable::freeFailed() const
{
    return change(m_database, "UPDATE server_jobs SET lease_owner = '', lease_until_ms = 0, tries = 0 WHERE tries > 0"_L1, {});
}

Result<QList<QueuedJob>> JobTable::queued(int most) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT upload_id, stage, tries, lease_owner, lease_until_ms, queued_ms FROM server_jobs"
                                   " ORDER BY queued_ms, upload_id LIMIT ?"_L1,
                                   {most});
    if (!query)
        return query.error();
    QList<QueuedJob> jobs;
    while (query->next())
        jobs.append({jobFrom(query->row()), query->value(3).toString(), query->value(4).toLongLong(), query->value(5).toLongLong()});
    return jobs;
}

Result<bool> JobTable::isHeldBy(const QUuid &uploadId, const QString &owner) const
{
    Result<Answer> query =
        execute(m_database, "SELECT 1 FROM server_jobs WHERE upload_id = ? AND lease_owner = ?{ FOR UPDATE}"_L1, {idText(uploadId), owner});
    if (!query)
        return query.error();
    return query->next();
}

Result<std::optional<Job>> JobTable::byId(const QUuid &uploadId) const
{
    Result<Answer> query = execute(m_database, "SELECT upload_id, stage, tries FROM server_jobs WHERE upload_id = ?"_L1, {idText(uploadId)});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<Job>();
    return std::optional<Job>(jobFrom(query->row()));
}

} // namespace photolift::server
