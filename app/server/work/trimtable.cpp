#include "app/server/work/trimtable.h"

#include "app/server/work/statement.h"
#include "models/store/dialect.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

QString passOf(const TrimTable::Rule &rule, const QList<qint64> &waiting)
{
    QStringList months;
    for (const qint64 month : waiting)
        months.append(QString::number(month));
    return months.isEmpty() ? rule.text() : rule.text() + u", without "_s + months.join(u' ');
}

} // namespace

TrimTable::TrimTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<> TrimTable::takeTime() const
{
    if (store::engineOf(m_database) == store::Engine::Sqlite)
        return {};
    return withoutValue(execute(m_database, "SET LOCAL statement_timeout = '10min'"_L1));
}

Result<qint64> TrimTable::firstDayThatStays(const Rule &rule, const QDate &today) const
{
    if (store::engineOf(m_database) == store::Engine::Sqlite) {
        const QDate youngest = today.addDays(-rule.days);
        return qint64{100} * (youngest.year() * 100 + youngest.month());
    }
    const Result<QList<qint64>> floor = keysOf(execute(m_database, "SELECT detail_floor(?, ?::date)"_L1, {rule.days, today.toString(Qt::ISODate)}));
    return floor ? Result<qint64>(floor->value(0)) : floor.error();
}

Result<> TrimTable::note(const Rule &rule, qint64 month, qint64 rows, qint64 nowMs) const
{
    return withoutValue(change(m_database,
                               "INSERT INTO server_trims (table_name, month, before_key, rule, row_count, trimmed_ms) VALUES (?, ?, ?, ?, ?, ?)"
                               " ON CONFLICT (table_name, month, before_key, rule) DO UPDATE SET"
                               " row_count = server_trims.row_count + excluded.row_count, trimmed_ms = excluded.trimmed_ms"_L1,
                               {QString(rule.table), month, rule.beforeKey, rule.text(), rows, nowMs}));
}

Result<QList<qint64>> TrimTable::monthsWithoutMarts(const Rule &rule) const
{
    return keysOf(execute(m_database,
                          store::engineOf(m_database) == store::Engine::Sqlite
                              ? "SELECT DISTINCT date_key / 100 FROM ops_dirty_day WHERE date_key < ? ORDER BY 1"_L1
                              : "SELECT months_without_marts(?::integer)"_L1,
                          {rule.beforeKey}));
}

Result<bool> TrimTable::isComplete(const Rule &rule, const QList<qint64> &waiting) const
{
    auto query = execute(m_database, "SELECT 1 FROM server_trim_passes WHERE table_name = ? AND before_key = ? AND rule = ?"_L1,
                         {QString(rule.table), rule.beforeKey, passOf(rule, waiting)});
    if (!query)
        return query.error();
    return query->next();
}

Result<> TrimTable::setComplete(const Rule &rule, const QList<qint64> &waiting, qint64 nowMs) const
{
    return withoutValue(change(m_database, "INSERT INTO server_trim_passes (table_name, before_key, rule, ended_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"_L1,
                               {QString(rule.table), rule.beforeKey, passOf(rule, waiting), nowMs}));
}

} // namespace photolift::server
