#include "app/server/work/jobtable.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

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

Result<QList<Job>> JobTable::takeOver(const QString &owner, qint64 nowMs, qint64 leaseUntilMs, const QString &endedOwners) const
{
    Result<QSqlQuery> query = execute(m_database,
                                      "SELECT upload_id, stage, tries FROM server_jobs"
                                      " WHERE lease_owner <> ? AND (lease_until_ms < ? OR lease_owner LIKE ?) ORDER BY queued_ms, upload_id"_L1,
                                      {owner, nowMs, endedOwners});
    if (!query)
        return query.error();
    QList<Job> jobs;
    while (query->next())
        jobs.append(jobFrom(*query));
    query->finish();
    if (jobs.isEmpty())
        return jobs;
    const Result<int> taken = change(m_database,
                                     "UPDATE server_jobs SET lease_owner = ?, lease_until_ms = ?, tries = tries + 1"
                                     " WHERE lease_owner <> ? AND (lease_until_ms < ? OR lease_owner LIKE ?)"_L1,
                                     {owner, leaseUntilMs, owner, nowMs, endedOwners});
    if (!taken)
        return taken.error();
    return jobs;
}

Result<std::optional<Job>> JobTable::byId(const QUuid &uploadId) const
{
    Result<QSqlQuery> query = execute(m_database, "SELECT upload_id, stage, tries FROM server_jobs WHERE upload_id = ?"_L1, {idText(uploadId)});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<Job>();
    return std::optional<Job>(jobFrom(*query));
}

} // namespace photolift::server
