#include "app/server/api/changebell.h"

#include "models/store/database.h"
#include "models/store/dialect.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>
#include <QSet>
#include <QSqlDriver>
#include <QSqlError>
#include <QSqlQuery>
#include <QTimer>

#include <mutex>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {

Q_LOGGING_CATEGORY(lcBell, "photolift.server.api")

const QString Channel = u"photolift_changes"_s;
const QString Everything = u"*"_s;
constexpr std::chrono::milliseconds Gather{10};
constexpr std::chrono::milliseconds LookEvery{5000}; ///< whether the connection still stands
constexpr std::chrono::milliseconds OpenAgain{1000};
/// A payload has less than 8,000 bytes (PostgreSQL 15, NOTIFY), an id 36 and its comma.
constexpr qsizetype MostTogether = 200;
constexpr qsizetype MostKept = 10'000; ///< while the database is away; beyond it they are told that anything may have changed

Result<> notify(const QSqlDatabase &database, const QString &payload)
{
    if (!database.isOpen()) // the driver closes it when the server has gone
        return Error{ErrorCode::ApiUnavailable, u"the connection is closed"_s};
    QSqlQuery query(database);
    query.prepare(u"SELECT pg_notify(?, ?)"_s);
    query.addBindValue(Channel);
    query.addBindValue(payload);
    return query.exec() ? Result<>() : Result<>(store::databaseError(query.lastError()));
}

} // namespace

class ChangeBell::Ringer final : public QObject
{
public:
    Ringer(store::PostgresAddress address, Told told)
        : m_address(std::move(address))
        , m_told(std::move(told))
    {
    }

    void begin()
    {
        m_soon = std::make_unique<QTimer>();
        m_soon->setSingleShot(true);
        connect(m_soon.get(), &QTimer::timeout, this, &Ringer::send);
        m_look = std::make_unique<QTimer>();
        connect(m_look.get(), &QTimer::timeout, this, &Ringer::look);
        open();
    }

    void end()
    {
        if (m_connection)
            send(); // what is left to other servers at a stop is told last
        m_soon.reset();
        m_look.reset();
        m_connection.reset();
    }

    void ring(const QUuid &uploadId)
    {
        {
            const std::scoped_lock lock(m_mutex);
            const bool isFirst = m_waiting.isEmpty();
            m_waiting.insert(uploadId);
            if (!isFirst)
                return;
        }
        QMetaObject::invokeMethod(this, [this] {
            if (m_soon && !m_soon->isActive())
                m_soon->start(Gather);
        });
    }

private:
    void open()
    {
        auto opened = store::Connection::open(m_address);
        const bool isOpen = opened && (*opened)->database().driver()->subscribeToNotification(Channel);
        if (!isOpen)
            return away();
        m_connection = *std::move(opened);
        connect(m_connection->database().driver(), &QSqlDriver::notification, this, &Ringer::heard);
        m_look->start(LookEvery);
        if (m_isAway)
            m_told.missed();
        m_isAway = false;
        send();
    }

    /// Tried again in a moment, also when only the telling failed: there must be no loop of new connections.
    void away()
    {
        m_connection.reset();
        if (!m_isAway)
            qCWarning(lcBell) << "changes on other servers are not heard of: the database is away";
        m_isAway = true;
        m_look->start(OpenAgain);
    }

    void look()
    {
        if (!m_connection)
            return open();
        if (!m_connection->database().isOpen() || !QSqlQuery(m_connection->database()).exec(u"SELECT 1"_s))
            away();
    }

    void heard(const QString &, QSqlDriver::NotificationSource source, const QVariant &payload)
    {
        if (source == QSqlDriver::SelfSource)
            return;
        if (payload.toString() == Everything)
            return m_told.missed();
        for (const QString &id : payload.toString().split(u','))
            m_told.changed(QUuid::fromString(id));
    }

    void send()
    {
        QSet<QUuid> ids;
        {
            const std::scoped_lock lock(m_mutex);
            ids.swap(m_waiting);
        }
        if (!m_connection || !tell(ids)) {
            const std::scoped_lock lock(m_mutex);
            m_waiting.unite(ids);
            m_isTooMuch = m_isTooMuch || m_waiting.size() > MostKept;
            if (m_isTooMuch)
                m_waiting = {QUuid()}; // not empty: there is something to be told
            if (m_connection)
                QMetaObject::invokeMethod(this, [this] { away(); }, Qt::QueuedConnection);
        }
    }

    bool tell(const QSet<QUuid> &ids)
    {
        if (m_isTooMuch && !notify(m_connection->database(), Everything))
            return false;
        m_isTooMuch = false;
        QStringList together;
        for (auto id = ids.cbegin(); id != ids.cend();) {
            together.append(idText(*id));
            if (++id == ids.cend() || together.size() == MostTogether) {
                if (!notify(m_connection->database(), together.join(u',')))
                    return false;
                together.clear();
            }
        }
        return true;
    }

    const store::PostgresAddress m_address;
    const Told m_told;
    std::unique_ptr<store::Connection> m_connection;
    std::unique_ptr<QTimer> m_soon;
    std::unique_ptr<QTimer> m_look;
    bool m_isAway = false;
    bool m_isTooMuch = false; ///< more than can be kept has changed while the database was away
    std::mutex m_mutex;       ///< guards m_waiting
    QSet<QUuid> m_waiting;
};

ChangeBell::ChangeBell(const store::PostgresAddress &address, Told told)
    : m_ringer(std::make_unique<Ringer>(address, std::move(told)))
{
    m_thread.setObjectName(u"changes"_s);
    m_ringer->moveToThread(&m_thread);
    m_thread.start();
    QMetaObject::invokeMethod(m_ringer.get(), [ringer = m_ringer.get()] { ringer->begin(); });
}

ChangeBell::~ChangeBell()
{
    stop();
}

void ChangeBell::ring(const QUuid &uploadId)
{
    m_ringer->ring(uploadId);
}

void ChangeBell::stop()
{
    if (!m_thread.isRunning())
        return;
    QMetaObject::invokeMethod(m_ringer.get(), [ringer = m_ringer.get()] { ringer->end(); }, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

Result<> ringForAll(const QSqlDatabase &database)
{
    return store::engineOf(database) == store::Engine::PostgreSql ? notify(database, Everything) : Result<>();
}

} // namespace photolift::server
