#include "app/server/work/statement.h"

#include "models/store/database.h"
#include "models/store/dialect.h"
#include "models/vocabulary/ids.h"

#include <QSqlError>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// A statement that the other end does not know any more, or whose table has other columns by now: the next use prepares it anew.
bool isOutdated(const Error &error)
{
    return error.cause.sqlState == "26000"_L1 || error.cause.sqlState == "0A000"_L1;
}

}

Result<Answer> execute(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values)
{
    if (!database.isOpen()) // a connection that was lost and not found again (PostgresLane::read)
        return Error{ErrorCode::ApiUnavailable, u"the database is away"_s};
    if (values.isEmpty()) { // PostgreSQL prepares no SAVEPOINT
        QSqlQuery query(database);
        query.setForwardOnly(true);
        if (!query.exec(store::inDialect(sql, store::engineOf(database))))
            return store::databaseError(database, query.lastError());
        return Answer(std::move(query), nullptr, sql);
    }
    PreparedStatements *const prepared = PreparedStatements::of(database);
    std::optional<QSqlQuery> query = prepared ? prepared->take(sql) : std::nullopt;
    if (!query) {
        query.emplace(database);
        query->setForwardOnly(true);
        // Unchecked, a failed prepare() would surface from exec() only as "Parameter count mismatch".
        if (!query->prepare(store::inDialect(sql, store::engineOf(database))))
            return store::databaseError(database, query->lastError());
    }
    for (qsizetype i = 0; i < values.size(); ++i)
        query->bindValue(static_cast<int>(i), values.at(i));
    if (!query->exec()) {
        Error error = store::databaseError(database, query->lastError());
        if (prepared && !isOutdated(error))
            prepared->giveBack(QByteArray(sql.data(), sql.size()), *std::move(query));
        return error;
    }
    return Answer(*std::move(query), prepared, sql);
}

Result<int> change(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values)
{
    const Result<Answer> answer = execute(database, sql, values);
    if (!answer)
        return answer.error();
    return answer->numRowsAffected();
}

Result<QList<QUuid>> idsOf(Result<Answer> answer)
{
    return listOf(std::move(answer), [](const QSqlQuery &row) { return QUuid::fromString(row.value(0).toString()); });
}

Result<QList<qint64>> keysOf(Result<Answer> answer)
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
    if (const Result<Answer> begun = execute(database, "SAVEPOINT alone"_L1); !begun)
        return begun.error();
    const Result<> outcome = work();
    if (!outcome) {
        if (const Result<Answer> undone = execute(database, "ROLLBACK TO SAVEPOINT alone"_L1); !undone)
            return undone.error();
    }
    if (const Result<Answer> released = execute(database, "RELEASE SAVEPOINT alone"_L1); !released)
        return released.error();
    return outcome;
}

} // namespace photolift::server
