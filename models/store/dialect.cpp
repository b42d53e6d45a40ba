#include "models/store/dialect.h"

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace photolift::store {

Engine engineOf(const QSqlDatabase &database)
{
    return database.driverName() == "QPSQL"_L1 ? Engine::PostgreSql : Engine::Sqlite;
}

QString inDialect(QString sql, Engine engine)
{
    if (engine == Engine::PostgreSql) {
        sql.remove(u'{').remove(u'}');
        return sql.replace("ops_dirty_day"_L1, "ops.dirty_day"_L1).replace("staging_batch"_L1, "staging.batch"_L1);
    }
    static const QRegularExpression onlyPostgreSql(u"\\{[^}]*\\}"_s);
    static const QRegularExpression instant(u"\\b(?:unix_)?ms\\(([^()]*)\\)"_s);
    return sql.remove(onlyPostgreSql).replace(instant, u"\\1"_s);
}

} // namespace photolift::store
