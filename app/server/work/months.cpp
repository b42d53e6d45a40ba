#include "app/server/work/months.h"

#include "app/server/work/statement.h"
#include "models/store/dialect.h"

#include <QDateTime>

using namespace Qt::StringLiterals;

namespace photolift::server {

Result<> ensureMonths(const QSqlDatabase &database, qint64 nowMs)
{
    if (store::engineOf(database) != store::Engine::PostgreSql)
        return {};
    const QDate today = QDateTime::fromMSecsSinceEpoch(nowMs, Qt::UTC).date();
    for (const QDate &day : {today, today.addMonths(1)}) {
        const Result<Answer> made = execute(database, "SELECT ensure_month(?::date)"_L1, {day.toString(Qt::ISODate)});
        if (!made)
            return made.error();
    }
    return {};
}

Result<> ensureMonthsInTime(const QSqlDatabase &database, qint64 nowMs)
{
    if (store::engineOf(database) != store::Engine::PostgreSql)
        return {};
    // Not for locks: who comes after us for one of ours waits as long.
    for (const auto &limit : {"SET LOCAL statement_timeout = '10min'"_L1, "SET LOCAL lock_timeout = '5s'"_L1}) {
        if (const Result<Answer> set = execute(database, limit); !set)
            return set.error();
    }
    return ensureMonths(database, nowMs);
}

} // namespace photolift::server
