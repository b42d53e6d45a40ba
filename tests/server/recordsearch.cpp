#include "tests/server/recordsearch.h"

#include <QSqlError>
#include <QSqlQuery>
#include <QSqlRecord>

using namespace Qt::StringLiterals;

namespace photolift::test {

QStringList rowsOf(const QSqlDatabase &database, const QString &query)
{
    QStringList found;
    QSqlQuery look(database);
    look.setForwardOnly(true);
    if (!look.exec(store::inDialect(query, store::engineOf(database))))
        qFatal("%s: %s", qPrintable(query), qPrintable(look.lastError().text()));
    while (look.next()) {
        QStringList row;
        for (int i = 0; i < look.record().count(); ++i)
            row.append(look.value(i).toString());
        found.append(row.join(u'|'));
    }
    return found;
}

QStringList rowsOf(const ApiRig &rig, const QString &query)
{
    QStringList found;
    rig.onDatabase([&](const QSqlDatabase &database) { found = rowsOf(database, query); });
    return found;
}

QStringList placesOf(const QSqlDatabase &database, const QStringList &words)
{
    const QStringList tables = store::engineOf(database) == store::Engine::PostgreSql
        ? rowsOf(database, u"SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n "
                           u"ON n.oid = c.relnamespace"
                           " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema')"_s)
        : rowsOf(database, u"SELECT name FROM sqlite_master WHERE type = 'table'"_s);
    QStringList found;
    int columns = 0;
    for (const QString &table : tables) {
        QSqlQuery look(database);
        look.setForwardOnly(true);
        if (!look.exec(u"SELECT * FROM "_s + table))
            qFatal("%s", qPrintable(table));
        columns += look.record().count();
        while (look.next()) {
            for (int i = 0; i < look.record().count(); ++i) {
                for (const QString &word : words) {
                    if (look.value(i).toString().contains(word, Qt::CaseInsensitive))
                        found.append(table + u'.' + look.record().fieldName(i) + u": "_s + word);
                }
            }
        }
    }
    if (columns < 200)
        qFatal("these %d are not all columns", columns);
    found.removeDuplicates();
    found.sort();
    return found;
}

QStringList placesOf(const ApiRig &rig, const QStringList &words)
{
    QStringList found;
    rig.onDatabase([&](const QSqlDatabase &database) { found = placesOf(database, words); });
    return found;
}

} // namespace photolift::test
