#include "app/server/work/chores.h"

#include "app/server/work/statement.h"
#include "models/store/database.h"

#include <QLoggingCategory>

#include <algorithm>

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcChores, "photolift.server.work.chores")

namespace photolift::server {

/// The lock, on a connection that does nothing else: PostgreSQL gives it back when that ends, however it ends. Lives on one thread.
class Chores::Turn
{
public:
    explicit Turn(const Options &options)
        : m_options(options)
    {
    }

    /// Asked before each round: a connection that was lost took the lock with it.
    bool isOurs()
    {
        if (!m_options.postgres)
            return true;
        if (m_connection && execute(m_connection->database(), "SELECT 1"_L1))
            return m_isHeld = m_isHeld || lock();
        m_isHeld = false;
        m_connection.reset();
        auto opened = store::Connection::open(*m_options.postgres);
        if (!opened)
            return false;
        m_connection = *std::move(opened);
        return m_isHeld = lock();
    }

private:
    bool lock()
    {
        Result<Answer> locked = execute(m_connection->database(), "SELECT pg_try_advisory_lock(hashtext(?))"_L1,
                                        {QString(u"photolift."_s + QLatin1StringView(m_options.name))});
        if (!locked)
            qCWarning(lcChores).noquote() << m_options.name << "has no lock:" << locked.error().detail;
        return locked && locked->next() && locked->value(0).toBool();
    }

    const Options &m_options;
    std::unique_ptr<store::Connection> m_connection;
    bool m_isHeld = false;
};

Chores::Chores(Options options)
    : m_options(std::move(options))
{
}

Chores::~Chores()
{
    stop();
}

void Chores::start()
{
    m_thread = std::thread([this] { loop(); });
}

void Chores::loop()
{
    using Clock = std::chrono::steady_clock;
    Turn turn(m_options);
    auto next = Clock::now();
    std::unique_lock lock(m_mutex);
    const auto isEnding = [this] { return m_ending.stop_requested(); };
    while (!isEnding()) {
        lock.unlock();
        const bool wasOurs = m_isOurTurn;
        m_isOurTurn = turn.isOurs();
        if (m_isOurTurn != wasOurs)
            qCInfo(lcChores) << m_options.name << (m_isOurTurn ? "is done here" : "is done elsewhere");
        if (m_isOurTurn && Clock::now() >= next) {
            const auto begin = Clock::now();
            m_options.work(m_ending.get_token());
            next = begin + m_options.every; // however long that took
        }
        lock.lock();
        m_stops.wait_until(lock, std::min(m_isOurTurn ? next : Clock::time_point::max(), Clock::now() + m_options.lookEvery),
                           isEnding);
    }
    m_isOurTurn = false;
}

void Chores::tellToStop()
{
    {
        const std::scoped_lock lock(m_mutex); // so that the thread either sees it or waits already
        m_ending.request_stop();
    }
    m_stops.notify_all();
}

void Chores::stop()
{
    tellToStop();
    if (m_thread.joinable())
        m_thread.join();
}

} // namespace photolift::server
