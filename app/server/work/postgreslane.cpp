#include "app/server/work/postgreslane.h"

#include "app/server/work/preparedstatements.h"

#include <QLoggingCategory>
#include <QRandomGenerator>
#include <QSqlError>
#include <QSqlQuery>

#include <chrono>
#include <thread>

using namespace Qt::StringLiterals;

Q_DECLARE_LOGGING_CATEGORY(lcServerDatabase)

namespace photolift::server {

namespace {

/// Two transactions in each other's way: one of them has to come again, each time after up to twice as long a pause (FAULTS F40). Who is
/// still in somebody's way then asks the client, or the worker, to come back later.
constexpr int MostRepeats = 3;
constexpr int FirstPauseMs = 20;

/// What a transaction is told that was about to put a row into a DEFAULT partition while ensure_month made its month: the row has another place now. A
/// check of our own has the same state, and fails again.
bool isLateMonth(const Error &error)
{
    return error.cause.sqlState == "23514"_L1;
}

Result<> run(const QSqlDatabase &database, const QString &sql)
{
    QSqlQuery query(database);
    if (!query.exec(sql))
        return store::databaseError(database, query.lastError());
    return {};
}

}

PostgresLane::PostgresLane(store::PostgresAddress address, DatabaseThreads::Meet meet)
    : m_address(std::move(address))
    , m_meet(std::move(meet))
{
}

PostgresLane::~PostgresLane()
{
    close();
}

void PostgresLane::close()
{
    m_star.reset(); // their statements live on the connection
    m_actFor.reset();
    m_connection.reset();
}

Result<> PostgresLane::open()
{
    close();
    auto opened = store::Connection::open(m_address);
    if (!opened)
        return opened.error();
    if (Result<> primary = store::checkPrimary((*opened)->database()); !primary)
        return primary;
    m_connection = *std::move(opened);
    PreparedStatements::keepFor(m_connection->database());
    return {};
}

Result<> PostgresLane::begin()
{
    if (Result<> opened = open(); !opened)
        return opened;
    if (Result<> checked = check(); !checked)
        return checked;
    return meet();
}

/// A connection that has not met is none: the next job tries again. What it finds may have been written behind a connection that was lost: nobody is told of
/// it before it is safe.
Result<> PostgresLane::meet()
{
    Result<> met = store::waitForStandbys(m_connection->database());
    if (met && m_meet)
        met = m_meet(m_connection->database());
    if (!met)
        close();
    return met;
}

Result<> PostgresLane::check()
{
    const QSqlDatabase database = m_connection->database();
    if (Result<> trusted = store::checkPostgres(database); !trusted)
        return trusted;
    if (Result<> bounded = store::checkServingLogin(database); !bounded)
        return bounded;
    return store::checkSchema(database, {u"star"_s, u"server"_s});
}

bool PostgresLane::actFor(const OnBehalfOf &whom)
{
    if (!m_connection)
        return false;
    if (!m_actFor) { // asked before each job, so it is prepared once
        m_actFor.emplace(m_connection->database());
        if (!m_actFor->prepare(u"SELECT set_config('photolift.account', ?, false)"_s)) {
            m_actFor.reset();
            return false;
        }
    }
    m_actFor->bindValue(0, whom.account.isNull() ? u""_s : whom.account);
    return m_actFor->exec();
}

/// Each job begins so, and so finds nothing of the one before it on this connection.
Result<> PostgresLane::makeReady(const OnBehalfOf &whom)
{
    if (actFor(whom))
        return {};
    if (Result<> opened = open(); !opened)
        return opened;
    if (Result<> met = meet(); !met)
        return met;
    return actFor(whom) ? Result<>() : Result<>(Error{ErrorCode::ApiUnavailable, u"the database went away again"_s});
}

Result<> PostgresLane::writeOnce(const DatabaseThreads::WriteJob &job, Isolation isolation)
{
    const QSqlDatabase database = m_connection->database();
    const bool isSerializable = isolation == Isolation::Serializable;
    if (Result<> begun = run(database, isSerializable ? u"BEGIN ISOLATION LEVEL SERIALIZABLE"_s : u"BEGIN ISOLATION LEVEL READ COMMITTED"_s); !begun)
        return begun;
    if (!m_star)
        m_star.emplace(database);
    Writing writing{database, *m_star};
    Result<> outcome = job(writing);
    if (outcome)
        outcome = run(database, u"COMMIT"_s);
    if (!outcome)
        (void)run(database, u"ROLLBACK"_s);
    return outcome;
}

Result<> PostgresLane::write(const OnBehalfOf &whom, const DatabaseThreads::WriteJob &job, Isolation isolation)
{
    if (Result<> ready = makeReady(whom); !ready)
        return ready;
    Result<> outcome = writeOnce(job, isolation);
    const auto hasChance = [&outcome](int repeats) { return store::isConflict(outcome.error()) || (repeats == 0 && isLateMonth(outcome.error())); };
    for (int repeats = 0; !outcome && hasChance(repeats) && repeats < MostRepeats; ++repeats) {
        std::this_thread::sleep_for(std::chrono::milliseconds(QRandomGenerator::global()->bounded(1, FirstPauseMs << repeats)));
        outcome = writeOnce(job, isolation);
    }
    return outcome;
}

void PostgresLane::read(const OnBehalfOf &whom, const DatabaseThreads::ReadJob &job)
{
    if (const Result<> ready = makeReady(whom); !ready) {
        qCWarning(lcServerDatabase).noquote() << "the database is away:" << ready.error().detail;
        close();
    }
    // Without a connection its questions fail, and say so.
    job(m_connection ? m_connection->database() : QSqlDatabase());
}

} // namespace photolift::server
