#include "app/server/work/postgreslane.h"


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

/// Two transactions in each other's way: one of them has to come again. More than this in a row is a sign of something else.
constexpr int MostTries = 20;
constexpr int LongestPauseMs = 20;

Result<> run(const QSqlDatabase &database, const QString &sql)
{
    QSqlQuery query(database);
    if (!query.exec(sql))
        return store::databaseError(database, query.lastError());
    return {};
}

}

PostgresLane::PostgresLane(store::PostgresAddress address)
    : m_address(std::move(address))
{
}

PostgresLane::~PostgresLane()
{
    m_star.reset(); // its statements live on the connection
}

Result<> PostgresLane::open()
{
    m_star.reset();
    m_connection.reset();
    auto opened = store::Connection::open(m_address);
    if (!opened)
        return opened.error();
    m_connection = *std::move(opened);
    return {};
}

Result<> PostgresLane::check()
{
    const QSqlDatabase database = m_connection->database();
    if (Result<> trusted = store::checkPostgres(database); !trusted)
        return trusted;
    return store::checkSchema(database, {u"star"_s, u"server"_s});
}

bool PostgresLane::isAlive()
{
    return m_connection && run(m_connection->database(), u"SELECT 1"_s);
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

Result<> PostgresLane::write(const DatabaseThreads::WriteJob &job, Isolation isolation)
{
    if (!isAlive()) {
        if (Result<> opened = open(); !opened)
            return opened;
    }
    Result<> outcome = writeOnce(job, isolation);
    for (int tries = 1; !outcome && store::isConflict(outcome.error()) && tries < MostTries; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(QRandomGenerator::global()->bounded(1, LongestPauseMs)));
        outcome = writeOnce(job, isolation);
    }
    return outcome;
}

void PostgresLane::read(const DatabaseThreads::ReadJob &job)
{
    if (!isAlive()) {
        if (const Result<> opened = open(); !opened)
            qCWarning(lcServerDatabase).noquote() << "the database is away:" << opened.error().detail;
    }
    // Without a connection its questions fail, and say so.
    job(m_connection ? m_connection->database() : QSqlDatabase());
}

} // namespace photolift::server
