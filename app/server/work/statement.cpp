#include "app/server/work/statement.h"

#include "models/store/database.h"
#include "models/store/dialect.h"
#include "models/vocabulary/ids.h"

#include <QSqlError>

using namespace Qt::StringLiterals;

namespace photolift::server {

Result<QSqlQuery> execute(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values)
{
    if (!database.isOpen()) // a connection that was lost and not found again (PostgresLane::read)
        return Error{ErrorCode::ApiUnavailable, u"the database is away"_s};
    QSqlQuery query(database);
    query.setForwardOnly(true);
    const QString statement = store::inDialect(sql, store::engineOf(database));
    if (values.isEmpty()) { // PostgreSQL prepares no SAVEPOINT
        if (!query.exec(statement))
            return store::databaseError(database, query.lastError());
        return query;
    }
    // Unchecked, a failed prepare() would surface from exec() only as "Parameter count mismatch".
    if (!query.prepare(statement))
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

Result<QList<QUuid>> idsOf(Result<QSqlQuery> answer)
{
    return listOf(std::move(answer), [](const QSqlQuery &row) { return QUuid::fromString(row.value(0).toString()); });
}

Result<QList<qint64>> keysOf(Result<QSqlQuery> answer)
{
    return listOf(std::move(answer), [](const QSqlQuery &row) { return row.value(0).toLongLong(); });
}

QString idList(const QList<QUuid> &ids)
{
    QStringList texts;
    for (const QUuid &id : ids)
        texts.append(idText(id));
    return u'{' + texts.join(u',') + u'}';
}

Result<> alone(const QSqlDatabase &database, const std::function<Result<>()> &work)
{
    if (const Result<QSqlQuery> begun = execute(database, "SAVEPOINT alone"_L1); !begun)
        return begun.error();
    const Result<> outcome = work();
    if (!outcome) {
        if (const Result<QSqlQuery> undone = execute(database, "ROLLBACK TO SAVEPOINT alone"_L1); !undone)
            return undone.error();
    }
    if (const Result<QSqlQuery> released = execute(database, "RELEASE SAVEPOINT alone"_L1); !released)
        return released.error();
    return outcome;
}

} // namespace photolift::server
