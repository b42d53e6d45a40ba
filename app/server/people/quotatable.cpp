#include "app/server/people/quotatable.h"

#include "app/server/work/statement.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

QuotaTable::QuotaTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<std::optional<QuotaTable::Use>> QuotaTable::useOf(const QString &accountId) const
{
    // Between the decision to keep the bytes and the end of the last stage an upload is committed, and stored: counted once.
    Result<Answer> query =
        execute(m_database,
                "SELECT a.quota_bytes, CAST(coalesce((SELECT stored_bytes FROM server_account_use WHERE account_id = a.account_id), 0)"
                " + coalesce((SELECT sum(u.size) FROM server_uploads u WHERE u.account_id = a.account_id AND u.state = 'open'), 0)"
                " + coalesce((SELECT sum(u.size) FROM server_uploads u WHERE u.account_id = a.account_id AND u.state = 'committed'"
                "             AND NOT EXISTS (SELECT 1 FROM server_objects o WHERE o.account_id = u.account_id AND o.sha256 = u.sha256"
                "                             AND o.size = u.size AND o.state = 'stored')), 0) AS bigint)"
                " FROM server_accounts a WHERE a.account_id = ? AND a.quota_bytes IS NOT NULL"_L1,
                {accountId});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<Use>();
    return std::optional(Use{query->value(0).toLongLong(), query->value(1).toLongLong()});
}

Result<> QuotaTable::checkRoom(const QString &accountId, qint64 bytes) const
{
    const Result<std::optional<Use>> use = useOf(accountId);
    if (!use)
        return use.error();
    if (!*use || bytes <= (*use)->quotaBytes - (*use)->usedBytes)
        return {};
    return Error{ErrorCode::InitiationQuotaFull, u"%1 bytes over the quota"_s.arg(bytes - ((*use)->quotaBytes - (*use)->usedBytes))};
}

Result<> QuotaTable::setQuota(const QString &accountId, std::optional<qint64> quotaBytes) const
{
    const Result<int> set = change(m_database, "UPDATE server_accounts SET quota_bytes = ? WHERE account_id = ?"_L1,
                                   {quotaBytes ? QVariant(*quotaBytes) : QVariant(), accountId});
    if (!set)
        return set.error();
    const Result<int> forgotten = change(m_database, "DELETE FROM server_account_use WHERE account_id = ?"_L1, {accountId});
    if (!forgotten || !quotaBytes)
        return withoutValue(forgotten);
    return withoutValue(change(m_database,
                               "INSERT INTO server_account_use (account_id, stored_bytes)"
                               " SELECT a.account_id, coalesce((SELECT sum(o.size) FROM server_objects o"
                               "                                WHERE o.account_id = a.account_id AND o.state = 'stored'), 0)"
                               " FROM server_accounts a WHERE a.account_id = ?"_L1,
                               {accountId}));
}

} // namespace photolift::server
