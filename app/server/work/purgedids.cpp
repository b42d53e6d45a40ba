#include "app/server/work/purgedids.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

PurgedIds::PurgedIds(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<> PurgedIds::add(const QString &accountId, const QUuid &id, qint64 nowMs) const
{
    return withoutValue(change(m_database, "INSERT INTO server_purged_ids (id, account_id, purged_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"_L1,
                               {idText(id), accountId, nowMs}));
}

Result<> PurgedIds::remove(const QUuid &id) const
{
    return withoutValue(change(m_database, "DELETE FROM server_purged_ids WHERE id = ?"_L1, {idText(id)}));
}

Result<std::optional<qint64>> PurgedIds::purgedMs(const QUuid &id) const
{
    Result<Answer> query = execute(m_database, "SELECT purged_ms FROM server_purged_ids WHERE id = ?"_L1, {idText(id)});
    if (!query)
        return query.error();
    return query->next() ? std::optional(query->value(0).toLongLong()) : std::nullopt;
}

Result<QHash<QUuid, qint64>> PurgedIds::among(const QList<QUuid> &ids) const
{
    Result<Answer> query = execute(m_database, "SELECT p.id, p.purged_ms FROM unnest(?::text[]) AS g (id) JOIN server_purged_ids p ON p.id = g.id"_L1, {idList(ids)});
    if (!query)
        return query.error();
    QHash<QUuid, qint64> purged;
    while (query->next())
        purged.insert(QUuid::fromString(query->value(0).toString()), query->value(1).toLongLong());
    return purged;
}

Result<QList<PurgedIds::Open>> PurgedIds::open(const QUuid &behind, int most) const
{
    return listOf(execute(m_database, "SELECT id, account_id, purged_ms FROM server_purged_ids WHERE is_settled = 0 AND id > ? ORDER BY id LIMIT ?"_L1,
                          {idText(behind), most}),
                  [](const QSqlQuery &row) { return Open{QUuid::fromString(row.value(0).toString()), row.value(1).toString(), row.value(2).toLongLong()}; });
}

Result<> PurgedIds::settle(const QUuid &id) const
{
    return withoutValue(change(m_database, "UPDATE server_purged_ids SET is_settled = 1 WHERE id = ?"_L1, {idText(id)}));
}

} // namespace photolift::server
