#include "app/server/commands/migratecommand.h"

#include "app/server/work/months.h"
#include "app/server/work/rights.h"
#include "models/store/database.h"
#include "models/vocabulary/ids.h"

#include <QDeadlineTimer>
#include <QRandomGenerator>
#include <QSqlQuery>

#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds Patience = 1h;
/// Between two tries, for those who came behind us to have their turn; by chance, so that two who are in each other's way part.
constexpr int ShortestPauseMs = 200;
constexpr int LongestPauseMs = 1500;

/// Others held what a statement needed for longer than it may wait, or held each other up: the same again has a chance.
bool isInTheWay(const Error &error)
{
    return error.cause.sqlState == "55P03"_L1 || store::isConflict(error);
}

/// Who has locks on tables of ours, or migrates: one of them is in the way. Empty when they have left meanwhile.
QString holders(const QSqlDatabase &database)
{
    QSqlQuery query(database);
    if (!query.exec(u"SELECT string_agg(DISTINCT format('%s of %s (process %s)', a.application_name, a.usename, a.pid), ', ')"
                    " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                    " WHERE l.granted AND l.pid <> pg_backend_pid() AND a.datname = current_database()"
                    " AND (l.locktype = 'relation' AND l.relation >= 16384" // before these are the system's own
                    " OR l.locktype = 'advisory' AND l.objid::bigint = hashtext('photolift.migrate')::bigint & 4294967295)"_s)
        || !query.next())
        return {};
    return query.value(0).toString();
}

Result<> untilDone(const QSqlDatabase &database, const std::function<Result<>()> &step)
{
    const QDeadlineTimer end(Patience);
    QString said;
    for (;;) {
        const Result<> done = step();
        if (done || !isInTheWay(done.error()) || end.hasExpired())
            return done;
        const QString held = holders(database);
        if (held != said && !held.isEmpty())
            std::fprintf(stderr, "waiting for tables that others use: %s\n", qPrintable(held));
        said = held;
        std::this_thread::sleep_for(std::chrono::milliseconds(QRandomGenerator::global()->bounded(ShortestPauseMs, LongestPauseMs)));
    }
}

} // namespace

Result<> migrateAsOwner(store::PostgresAddress owner)
{
    owner.statementTimeoutMs = 0;
    const auto connection = store::Connection::open(owner);
    if (!connection)
        return connection.error();
    const QSqlDatabase database = (*connection)->database();
    // Longer than deadlock_timeout, after which PostgreSQL ends a vacuum that is in the way.
    if (QSqlQuery limit(database); !limit.exec(u"SET lock_timeout = '2s'"_s))
        return store::databaseError(limit.lastError());
    const std::function<Result<>()> steps[] = {[&] { return store::migrate(database, {u"star"_s, u"server"_s}); }, [&] { return giveRights(database); },
                                               [&] { return ensureMonths(database, nowMs()); }};
    for (const auto &step : steps) {
        if (const Result<> done = untilDone(database, step); !done)
            return done;
    }
    return {};
}

} // namespace photolift::server
