#include "app/server/people/doorkeeper.h"

#include "app/server/people/devicetoken.h"
#include "app/server/people/peopletable.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcServerPeople, "photolift.server.people")

namespace photolift::server {

namespace {
constexpr qint64 KeyUseMs = 30LL * 24 * 3600 * 1000;
}

Doorkeeper::Doorkeeper(Options options, DatabaseThreads &database)
    : m_options(options)
    , m_database(database)
{
}

Doorkeeper::~Doorkeeper()
{
    stop();
}

Result<> Doorkeeper::start()
{
    if (const Result<> looked = look(); !looked)
        return looked;
    m_thread = std::thread([this] {
        std::unique_lock lock(m_mutex);
        while (!m_stops.wait_for(lock, m_options.lookEvery, [this] { return m_isStopping; })) {
            lock.unlock();
            // Who was let in stays in while the database is away: what they may do needs the database anyway.
            if (const Result<> looked = look(); !looked)
                qCWarning(lcServerPeople).noquote() << "device tokens:" << errorName(looked.error().code) << looked.error().detail;
            lock.lock();
        }
    });
    return {};
}

void Doorkeeper::stop()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_isStopping = true;
    }
    m_stops.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

Result<> Doorkeeper::look()
{
    const qint64 now = nowMs();
    QList<AccessTokens::Key> keys;
    QHash<QUuid, AccessTokens::Standing> standings;
    const Result<> read = m_database.writeAndWait([&](Writing &writing) -> Result<> {
        const PeopleTable people(writing.database);
        auto foundKeys = people.keys(now, KeyUseMs);
        if (!foundKeys)
            return foundKeys.error();
        auto foundStandings = people.standings(now);
        if (!foundStandings)
            return foundStandings.error();
        keys = *std::move(foundKeys);
        standings = *std::move(foundStandings);
        return {};
    });
    if (!read)
        return read;
    m_tokens.setKeys(std::move(keys));
    m_tokens.setStandings(std::move(standings), now);
    return {};
}

std::optional<Caller> Doorkeeper::recognise(QByteArrayView accessToken) const
{
    return m_tokens.recognise(accessToken, nowMs());
}

Result<Doorkeeper::Admitted> Doorkeeper::admit(const QSqlDatabase &database, QByteArrayView deviceToken) const
{
    const qint64 now = nowMs();
    const auto holder = PeopleTable(database).holderOf(hashOfDeviceToken(deviceToken), now);
    if (!holder)
        return holder.error();
    if (!*holder)
        return Error{ErrorCode::InitiationTokenExpired, u"no such device token"_s};
    const PeopleTable::Holder &known = **holder;
    if (!known.standing.isOpen)
        return Error{known.isTokenOver ? ErrorCode::InitiationTokenExpired : ErrorCode::ApiAccountClosed, u"device token "_s + idText(known.tokenId)};
    const Caller caller{known.standing.accountId, known.standing.userId, known.standing.role, known.tokenId};
    const QByteArray token = m_tokens.issue(caller, now);
    if (token.isEmpty())
        return Error{ErrorCode::ApiUnavailable, u"no key yet"_s};
    return Admitted{caller, known.userName, token};
}

} // namespace photolift::server
