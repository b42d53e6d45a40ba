#include "app/server/work/statement.h"

#include "models/store/database.h"

#include <QSqlError>

namespace photolift::server {

Result<QSqlQuery> execute(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values)
{
    QSqlQuery query(database);
    query.setForwardOnly(true);
    // Unchecked, a failed prepare() would surface from exec() only as "Parameter count mismatch".
    if (!query.prepare(sql))
        return store::databaseError(database, query.lastError());
    for (const QVariant &value : values)
        query.addBindValue(value);
    if (!query.exec())
        return store::databaseError(database, query.lastError());
    return query;
}

Result<int> change(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values)
{
    const Result<QSqlQuery> query = execute(database, sql, values);
    if (!query)
        return query.error();
    return query->numRowsAffected();
}

} // namespace photolift::server
