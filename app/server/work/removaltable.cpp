#include "app/server/work/removaltable.h"

#include "app/server/work/statement.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// Longer than one removal may take, however slow the store is.
constexpr qint64 ClaimMs = 10 * 60 * 1000;

} // namespace

RemovalTable::RemovalTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<> RemovalTable::add(const QString &sha256, qint64 size) const
{
    return withoutValue(change(m_database, "INSERT INTO server_removals (sha256, size) VALUES (?, ?) ON CONFLICT DO NOTHING"_L1, {sha256, size}));
}

Result<> RemovalTable::forget(const QString &accountId, const Bytes &bytes) const
{
    const Result<int> forgotten = change(m_database,
                                         "DELETE FROM server_objects WHERE account_id = ? AND sha256 = ? AND size = ?"
                                         " AND NOT EXISTS (SELECT 1 FROM server_assets WHERE account_id = ? AND sha256 = ? AND size = ?)"
                                         " AND NOT EXISTS (SELECT 1 FROM server_quarantine WHERE account_id = ? AND sha256 = ? AND size = ?)"_L1,
                                         {accountId, bytes.sha256, bytes.size, accountId, bytes.sha256, bytes.size, accountId, bytes.sha256, bytes.size});
    if (!forgotten)
        return forgotten.error();
    return *forgotten > 0 ? add(bytes.sha256, bytes.size) : Result<>();
}

Result<QList<RemovalTable::Bytes>> RemovalTable::behind(const Bytes &bytes, int most) const
{
    return listOf(execute(m_database, "SELECT sha256, size FROM server_removals WHERE (sha256, size) > (?, ?) ORDER BY sha256, size LIMIT ?"_L1,
                          {bytes.sha256, bytes.size, most}),
                  [](const QSqlQuery &row) { return Bytes{row.value(0).toString(), row.value(1).toLongLong()}; });
}

Result<bool> RemovalTable::claim(const Bytes &bytes, qint64 nowMs) const
{
    const Result<int> claimed = change(m_database,
                                       "UPDATE server_removals SET claimed_ms = ? WHERE sha256 = ? AND size = ?"
                                       " AND (claimed_ms IS NULL OR claimed_ms < ?)"_L1,
                                       {nowMs, bytes.sha256, bytes.size, nowMs - ClaimMs});
    return claimed ? Result<bool>(*claimed > 0) : claimed.error();
}

Result<bool> RemovalTable::isClaimed(const QString &sha256, qint64 size) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT 1 FROM server_removals WHERE sha256 = ? AND size = ? AND claimed_ms IS NOT NULL"_L1, {sha256, size});
    if (!query)
        return query.error();
    return query->next();
}

Result<RemovalTable::Need> RemovalTable::needOf(const Bytes &bytes) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT CASE WHEN EXISTS (SELECT 1 FROM server_objects WHERE sha256 = ? AND size = ?"
                                   " AND state IN ('stored', 'quarantined', 'lost')) THEN 2"
                                   " WHEN EXISTS (SELECT 1 FROM server_uploads WHERE sha256 = ? AND size = ? AND state = 'committed') THEN 1"
                                   " ELSE 0 END"_L1,
                                   {bytes.sha256, bytes.size, bytes.sha256, bytes.size});
    if (!query)
        return query.error();
    const int need = query->next() ? query->value(0).toInt() : 1;
    return need == 0 ? Need::Nobodys : need == 1 ? Need::Coming : Need::Kept;
}

Result<> RemovalTable::release(const Bytes &bytes, qint64 claimedMs) const
{
    return withoutValue(change(m_database, "UPDATE server_removals SET claimed_ms = NULL WHERE sha256 = ? AND size = ? AND claimed_ms = ?"_L1,
                               {bytes.sha256, bytes.size, claimedMs}));
}

Result<> RemovalTable::end(const Bytes &bytes, qint64 claimedMs) const
{
    return withoutValue(change(m_database, "DELETE FROM server_removals WHERE sha256 = ? AND size = ? AND claimed_ms = ?"_L1,
                               {bytes.sha256, bytes.size, claimedMs}));
}

} // namespace photolift::server
