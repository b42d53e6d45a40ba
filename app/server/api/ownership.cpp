#include "app/server/api/ownership.h"

#include "app/server/work/statement.h"
#include "models/store/dialect.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

Error ofAnotherAccount()
{
    return {ErrorCode::ApiNotAllowed, u"it belongs to another account"_s};
}

namespace {

/// PostgreSQL shows a caller no rows of another account: which ids are taken is told by a function that sees them all.
Result<> checkId(const QSqlDatabase &database, const Caller &caller, const QList<QUuid> &projects, const QList<QUuid> &batches,
                 const QList<QUuid> &attempts)
{
    QStringList days;
    for (const QUuid &attempt : attempts)
        days.append(QString::number(dateKeyOf(instantOf(attempt))));
    Result<Answer> query = execute(database, "SELECT ids_of_other_accounts(?, ?::uuid[], ?::uuid[], ?::uuid[], ?::integer[])"_L1,
                                   {caller.accountId, idList(projects), idList(batches), idList(attempts), QString(u'{' + days.join(u',') + u'}')});
    if (!query)
        return query.error();
    return query->next() ? ofAnotherAccount() : Result<>();
}

bool isPostgres(const QSqlDatabase &database)
{
    return store::engineOf(database) == store::Engine::PostgreSql;
}

/// No row, or a row of the dimension's "unknown": nobody's yet.
Result<> checkAccount(const QSqlDatabase &database, const Caller &caller, QLatin1StringView accountOf, const QVariantList &values)
{
    Result<Answer> query = execute(database, accountOf, values);
    if (!query)
        return query.error();
    if (query->next() && query->value(0).toString() != caller.accountId)
        return ofAnotherAccount();
    return {};
}

} // namespace

Result<bool> isOnlyAccount(const QSqlDatabase &database, const QString &accountId)
{
    // The rule of the function is_only_account(), which PostgreSQL needs because it shows no other account here.
    constexpr auto OnSqlite = "SELECT NOT EXISTS (SELECT 1 FROM server_accounts a WHERE a.account_id <> ? AND (a.account_id <> 'local'"
                              " OR EXISTS (SELECT 1 FROM server_users u WHERE u.account_id = 'local' AND (u.user_id <> 'local'"
                              " OR EXISTS (SELECT 1 FROM server_device_tokens t WHERE t.user_id = u.user_id)"
                              " OR EXISTS (SELECT 1 FROM dim_users d WHERE d.user_id = u.user_id)))))"_L1;
    Result<Answer> query = execute(database, isPostgres(database) ? "SELECT is_only_account(?)"_L1 : OnSqlite, {accountId});
    if (!query)
        return query.error();
    return query->next() && query->value(0).toBool();
}

Result<> checkOwnProject(const QSqlDatabase &database, const Caller &caller, const QUuid &projectId)
{
    if (isPostgres(database))
        return checkId(database, caller, {projectId}, {}, {});
    return checkAccount(database, caller,
                        "SELECT p.account_id FROM dim_projects d JOIN dim_users u ON u.user_key = d.owner_user_key"
                        " JOIN server_users p ON p.user_id = u.user_id WHERE d.project_id = ?"_L1,
                        {idText(projectId)});
}

Result<> checkOwnBatch(const QSqlDatabase &database, const Caller &caller, const QUuid &batchId)
{
    if (isPostgres(database))
        return checkId(database, caller, {}, {batchId}, {});
    return checkAccount(database, caller,
                        "SELECT p.account_id FROM dim_batches b JOIN dim_projects d ON d.project_key = b.project_key"
                        " JOIN dim_users u ON u.user_key = d.owner_user_key JOIN server_users p ON p.user_id = u.user_id"
                        " WHERE b.batch_id = ?"_L1,
                        {idText(batchId)});
}

Result<> checkOwnAttempt(const QSqlDatabase &database, const Caller &caller, const QUuid &clientUploadId)
{
    if (isPostgres(database))
        return checkId(database, caller, {}, {}, {clientUploadId});
    return checkAccount(database, caller,
                        "SELECT p.account_id FROM fact_upload_attempts a JOIN dim_users u ON u.user_key = a.user_key"
                        " JOIN server_users p ON p.user_id = u.user_id WHERE a.client_upload_id = ? AND a.date_key = ?"_L1,
                        {idText(clientUploadId), dateKeyOf(instantOf(clientUploadId))});
}

Result<> checkOwn(const QSqlDatabase &database, const Caller &caller, const BatchRecord &batch)
{
    if (isPostgres(database))
        return checkId(database, caller, {batch.projectId}, {batch.batchId}, {});
    const Result<> project = checkOwnProject(database, caller, batch.projectId);
    return project ? checkOwnBatch(database, caller, batch.batchId) : project;
}

Result<> checkOwn(const QSqlDatabase &database, const Caller &caller, const AttemptRecord &attempt)
{
    if (isPostgres(database)) // one question for the three
        return checkId(database, caller, {attempt.projectId}, {attempt.batchId}, {attempt.clientUploadId});
    if (const Result<> project = checkOwnProject(database, caller, attempt.projectId); !project)
        return project;
    const Result<> batch = checkOwnBatch(database, caller, attempt.batchId);
    return batch ? checkOwnAttempt(database, caller, attempt.clientUploadId) : batch;
}

} // namespace photolift::server
