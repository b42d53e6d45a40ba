#include "app/server/work/analyticsreads.h"

#include "app/server/work/statement.h"
#include "models/store/database.h"

#include <QLoggingCategory>
#include <QSqlQuery>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

Q_LOGGING_CATEGORY(lcServerAnalytics, "photolift.server.work.analytics")

namespace photolift::server {

namespace {

constexpr std::size_t MostWaiting = 200;
constexpr auto LookAgainAfter = 10s; ///< a replica whose computer is gone costs a whole connect timeout

} // namespace

AnalyticsReads::AnalyticsReads(DatabaseThreads &primary, std::optional<store::PostgresAddress> replica)
    : m_primary(primary)
    , m_replica(std::move(replica))
{
    if (m_replica)
        m_thread = std::thread([this] { loop(); });
}

AnalyticsReads::~AnalyticsReads()
{
    stop();
}

bool AnalyticsReads::read(OnBehalfOf whom, Question question, Answered answered)
{
    if (!m_replica) {
        return m_primary.read(std::move(whom), [question = std::move(question), answered = std::move(answered)](const QSqlDatabase &database) {
            answered(question(database));
        });
    }
    {
        const std::scoped_lock lock(m_mutex);
        if (m_isStopping || m_waiting.size() >= MostWaiting)
            return false;
        m_waiting.push_back({std::move(whom), std::move(question), std::move(answered)});
    }
    m_changed.notify_one();
    return true;
}

void AnalyticsReads::stop()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_isStopping = true;
    }
    m_changed.notify_one();
    if (m_thread.joinable())
        m_thread.join();
}

void AnalyticsReads::loop()
{
    for (;;) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_isStopping || !m_waiting.empty(); });
        if (m_waiting.empty())
            break;
        const Waiting waiting = std::move(m_waiting.front());
        m_waiting.pop_front();
        lock.unlock();
        ask(waiting);
    }
    m_connection.reset(); // on the thread that made it
}

void AnalyticsReads::ask(const Waiting &waiting)
{
    if (m_isAway && std::chrono::steady_clock::now() < m_notBefore)
        return askPrimary(waiting);
    const Result<> answered = askReplica(waiting);
    if (answered) {
        if (std::exchange(m_isAway, false))
            qCInfo(lcServerAnalytics) << "the replica answers again";
        return waiting.answered(answered);
    }
    // What it had to leave for the sake of catching up says nothing about the next question.
    if (!store::isConflict(answered.error())) {
        m_connection.reset();
        m_notBefore = std::chrono::steady_clock::now() + LookAgainAfter;
        if (!std::exchange(m_isAway, true))
            qCWarning(lcServerAnalytics).noquote() << "the replica is away, the database itself is asked:" << answered.error().detail;
    }
    askPrimary(waiting);
}

Result<> AnalyticsReads::askReplica(const Waiting &waiting)
{
    if (m_identity.isEmpty()) {
        Result<QString> identity = QString();
        if (!m_primary.readAndWait([&identity](const QSqlDatabase &database) { identity = identityOf(database); }))
            return Error{ErrorCode::ApiUnavailable, u"the server is stopping"_s};
        if (!identity)
            return identity.error();
        m_identity = *identity;
    }
    if (!m_connection) {
        auto opened = connect(*m_replica, m_identity);
        if (!opened)
            return opened.error();
        m_connection = *std::move(opened);
    }
    const QSqlDatabase database = m_connection->database();
    const Result<Answer> acting = execute(database, "SELECT set_config('photolift.account', ?, false)"_L1, {waiting.whom.account});
    return acting ? waiting.question(database) : Result<>(acting.error());
}

void AnalyticsReads::askPrimary(const Waiting &waiting)
{
    const bool isTaken = m_primary.read(waiting.whom, [waiting](const QSqlDatabase &database) { waiting.answered(waiting.question(database)); });
    if (!isTaken)
        waiting.answered(Error{ErrorCode::ApiUnavailable, u"too much waits already"_s});
}

Result<QString> AnalyticsReads::identityOf(const QSqlDatabase &database)
{
    Result<Answer> answer = execute(
        database, "SELECT system_identifier || '/' || oid FROM pg_control_system(), pg_database WHERE datname = current_database()"_L1, {});
    if (!answer)
        return answer.error();
    answer->next();
    return answer->value(0).toString();
}

Result<std::unique_ptr<store::Connection>> AnalyticsReads::connect(const store::PostgresAddress &replica, const QString &primaryIdentity)
{
    auto opened = store::Connection::open(replica);
    if (!opened)
        return opened.error();
    const QSqlDatabase database = (*opened)->database();
    if (const auto set = execute(database, "SET default_transaction_read_only = on"_L1, {}); !set)
        return set.error();
    if (const Result<> bounded = store::checkServingLogin(database); !bounded)
        return bounded.error();
    const Result<QString> identity = identityOf(database);
    if (!identity)
        return identity.error();
    if (*identity != primaryIdentity)
        return Error{ErrorCode::ApiRequestRefused, u"database.analytics_host is no replica of database.host: it holds another database"_s};
    return opened;
}

} // namespace photolift::server
