#include "models/store/database.h"

#include <QLoggingCategory>
#include <QSqlQuery>

#include <iterator>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

Q_LOGGING_CATEGORY(lcPostgres, "photolift.store.postgres")

constexpr int OfMajor = 10'000; ///< server_version_num: 150014 is 15.14

/// The first of each major version without CVE-2025-8713 (statistics tell rows that row-level security hides). Newer ones came without it.
constexpr int OldestVersions[] = {150'014, 160'010, 170'006};

Result<QString> setting(const QSqlDatabase &database, const QString &name)
{
    QSqlQuery query(database);
    if (!query.prepare(u"SELECT current_setting(?)"_s))
        return databaseError(query.lastError());
    query.addBindValue(name);
    if (!query.exec() || !query.next())
        return databaseError(query.lastError());
    return query.value(0).toString();
}

} // namespace

Result<> checkPostgresVersion(int number)
{
    for (const int oldest : OldestVersions) {
        if (number >= oldest && number / OfMajor == oldest / OfMajor)
            return {};
    }
    if (number / OfMajor > std::end(OldestVersions)[-1] / OfMajor)
        return {};
    return Error{ErrorCode::InternalUnknown,
                 u"PostgreSQL 15.14, 16.10, 17.6 or any of 18 and newer is needed: older ones let statistics tell rows that are to be hidden. This one is %1.%2"_s
                     .arg(number / OfMajor)
                     .arg(number % OfMajor)};
}

Result<> checkPostgres(const QSqlDatabase &database)
{
    const Result<QString> version = setting(database, u"server_version_num"_s);
    if (!version)
        return version.error();
    if (const Result<> trusted = checkPostgresVersion(version->toInt()); !trusted)
        return trusted;
    const Result<QString> commits = setting(database, u"synchronous_commit"_s);
    if (!commits)
        return commits.error();
    if (*commits != "on"_L1 && *commits != "remote_apply"_L1)
        return Error{ErrorCode::InternalUnknown, u"PostgreSQL answers commits before they are on disk: synchronous_commit is "_s + *commits};
    // Not the session's to change; somebody who tries the server out may want it.
    if (const Result<QString> flushes = setting(database, u"fsync"_s); flushes && *flushes != "on"_L1)
        qCWarning(lcPostgres) << "fsync is off: a power cut may damage the whole database";
    return {};
}

Result<> checkServingLogin(const QSqlDatabase &database)
{
    // A superuser is a member of every role, so that is said first.
    QSqlQuery query(database);
    if (!query.exec(u"SELECT current_user, current_setting('is_superuser') = 'on',"
                    " EXISTS (SELECT FROM pg_roles r WHERE r.rolsuper AND pg_has_role(r.oid, 'MEMBER')),"
                    " EXISTS (SELECT FROM pg_roles r WHERE r.rolbypassrls AND pg_has_role(r.oid, 'MEMBER')),"
                    " EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('fact_upload_attempts') AND pg_has_role(c.relowner, 'MEMBER'))"_s)
        || !query.next())
        return databaseError(database, query.lastError());
    const bool isSuperuser = query.value(1).toBool();
    const QString what = isSuperuser ? u"is a superuser"_s
        : query.value(2).toBool()    ? u"can become a superuser"_s
        : query.value(3).toBool()    ? u"has BYPASSRLS, or can become a role that has it"_s
        : query.value(4).toBool()    ? u"owns the tables, or can become their owner"_s
                                     : QString();
    if (what.isEmpty())
        return {};
    return Error{ErrorCode::InternalUnknown,
                 u"The login %1 %2: PostgreSQL would keep nothing from it that this program is not to do or see. Serve with a login of its own for each role,"
                 " as the README makes them."_s.arg(query.value(0).toString(), what)};
}

Result<> checkPrimary(const QSqlDatabase &database)
{
    QSqlQuery query(database);
    if (!query.exec(u"SELECT pg_is_in_recovery()"_s) || !query.next())
        return databaseError(database, query.lastError());
    if (query.value(0).toBool())
        return Error{ErrorCode::ApiUnavailable, u"a standby answers in the database's place; nobody has promoted it yet"_s};
    return {};
}

Result<> waitForStandbys(const QSqlDatabase &database)
{
    QSqlQuery query(database);
    if (query.exec(u"SELECT current_setting('synchronous_standby_names') WHERE current_setting('synchronous_standby_names') <> ''"
                   " AND NOT EXISTS (SELECT FROM pg_stat_replication)"_s)
        && query.next())
        qCWarning(lcPostgres).noquote() << "waiting for the synchronous standby, without which the database ends no commit; synchronous_standby_names ="
                                        << query.value(0).toString();
    if (!query.exec(u"SELECT wait_for_standbys()"_s))
        return databaseError(database, query.lastError());
    return {};
}

} // namespace photolift::store
