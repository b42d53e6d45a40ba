#include "tests/support/organisationcopy.h"

#include "tests/support/organisationrun.h"

#include <QDir>
#include <QProcess>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>

using namespace Qt::StringLiterals;

namespace photolift::support {

namespace {

/// A column as SQLite keeps it: how it is read, and what it is there. Times are milliseconds, truth is 0 or 1.
struct Column {
    QString read;
    QString kept;
};

Column columnOf(const QString &name, const QString &type)
{
    if (type == u"timestamp with time zone"_s)
        return {u"round(extract(epoch FROM %1) * 1000)::bigint"_s.arg(name), name + u" INTEGER"_s};
    if (type == u"boolean"_s || type == u"bigint"_s || type == u"integer"_s || type == u"smallint"_s)
        return {u"%1::int8"_s.arg(type == u"boolean"_s ? name + u"::int"_s : name), name + u" INTEGER"_s};
    return {name + u"::text"_s, name + u" TEXT"_s};
}

QString copyTable(const QString &table, QSqlDatabase &from, QSqlDatabase &to)
{
    QSqlQuery types(from);
    if (!types.exec(u"SELECT quote_ident(column_name), data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '%1'"
                    " ORDER BY ordinal_position"_s.arg(table)))
        return types.lastError().text();
    QStringList columns;
    QStringList wanted;
    while (types.next()) {
        const Column column = columnOf(types.value(0).toString(), types.value(1).toString());
        columns.append(column.kept);
        wanted.append(column.read);
    }
    QSqlQuery rows(from);
    rows.setForwardOnly(true);
    if (!rows.exec(u"SELECT %1 FROM \"%2\""_s.arg(wanted.join(u", "_s), table)))
        return rows.lastError().text();
    QSqlQuery made(to);
    if (!made.exec(u"CREATE TABLE \"%1\" (%2)"_s.arg(table, columns.join(u", "_s)))
        || !made.prepare(u"INSERT INTO \"%1\" VALUES (%2)"_s.arg(table, QStringList(columns.size(), u"?"_s).join(u", "_s))))
        return made.lastError().text();
    while (rows.next()) {
        for (int column = 0; column < columns.size(); ++column)
            made.addBindValue(rows.value(column));
        if (!made.exec())
            return made.lastError().text();
    }
    return {};
}

QString copyTables(QSqlDatabase &from, QSqlDatabase &to)
{
    // A partitioned table is read as the one it is.
    QSqlQuery names(from);
    if (!names.exec(u"SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace"_s))
        return names.lastError().text();
    to.transaction();
    while (names.next()) {
        const QString table = names.value(0).toString();
        if (const QString failure = copyTable(table, from, to); !failure.isEmpty())
            return table + u": "_s + failure;
    }
    return to.commit() ? QString() : to.lastError().text();
}

/// On their own computer a person is `local` (SCHEMA, Account); only the server knows who that is.
QString callLocal(const QString &user, QSqlDatabase &to)
{
    QSqlQuery named(to);
    named.prepare(u"UPDATE dim_users SET user_id = 'local' WHERE user_id = (SELECT user_id FROM server_users WHERE user_name = ?)"_s);
    named.addBindValue(user);
    return named.exec() && named.numRowsAffected() == 1 ? QString() : u"there is no user "_s + user + named.lastError().text();
}

QString copyObjects(const OrganisationRun &organisation, const QString &folder)
{
    QProcess rclone;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &name : environment.keys()) {
        if (name.startsWith(u"AWS_"_s)) // of another store
            environment.remove(name);
    }
    const auto set = [&environment](const char *name, const QString &value) { environment.insert(u"RCLONE_CONFIG_STORE_"_s + QLatin1StringView(name), value); };
    set("TYPE", u"s3"_s);
    set("PROVIDER", u"Ceph"_s);
    set("ENDPOINT", organisation.store().endpoint().toString());
    set("ACCESS_KEY_ID", QString::fromLatin1(CephGateway::accessKey()));
    set("SECRET_ACCESS_KEY", QString::fromLatin1(CephGateway::secretKey()));
    rclone.setProcessEnvironment(environment);
    rclone.setProcessChannelMode(QProcess::MergedChannels);
    rclone.start(u"rclone"_s, {u"--config"_s, u"/dev/null"_s, u"copy"_s, u"store:photos/objects"_s, folder + u"/objects"_s});
    if (!rclone.waitForFinished(300000) || rclone.exitCode() != 0)
        return u"rclone: "_s + QString::fromUtf8(rclone.readAll());
    return {};
}

} // namespace

QString copyOrganisation(OrganisationRun &organisation, const QString &folder, const QString &user)
{
    if (!QDir().mkpath(folder + u"/objects"_s))
        return folder;
    QString failure;
    {
        QSqlDatabase from = organisation.openDatabase(u"copied-from"_s);
        QSqlDatabase to = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"copied-to"_s);
        to.setDatabaseName(folder + u"/server.sqlite"_s);
        failure = from.isOpen() && to.open() ? copyTables(from, to) : from.lastError().text() + to.lastError().text();
        if (failure.isEmpty())
            failure = callLocal(user, to);
    }
    QSqlDatabase::removeDatabase(u"copied-from"_s);
    QSqlDatabase::removeDatabase(u"copied-to"_s);
    return failure.isEmpty() ? copyObjects(organisation, folder) : failure;
}

} // namespace photolift::support
