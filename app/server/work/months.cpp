#include "app/server/work/months.h"

#include "app/server/work/statement.h"
#include "models/store/dialect.h"

#include <QDateTime>

namespace photolift::server {

Result<> ensureMonths(const QSqlDatabase &database, qint64 nowMs)
{
    if (store::engineOf(database) != store::Engine::PostgreSql)
        return {};
    const QDate today = QDateTime::fromMSecsSinceEpoch(nowMs, Qt::UTC).date();
    for (const QDate &day : {today, today.addMonths(1)}) {
        const Result<Answer> made = execute(database, QLatin1StringView("SELECT ensure_month(?::date)"), {day.toString(Qt::ISODate)});
        if (!made)
            return made.error();
    }
    return {};
}

} // namespace photolift::server
