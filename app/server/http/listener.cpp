#include "app/server/http/listener.h"

#include "app/server/http/accesslog.h"
#include "app/server/http/calllimit.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <future>

namespace photolift::server {

using namespace Qt::StringLiterals;
namespace net = boost::asio;
using net::ip::tcp;
using boost::system::error_code;

namespace {
constexpr std::chrono::milliseconds FirstPause{50};
constexpr std::chrono::milliseconds LongestPause{1000};
/// Beyond maxConnections so many more are told 503 before they are closed; the rest is closed at once.
constexpr std::size_t PoliteRefusals = 100;

Error networkError(const QString &what, const error_code &ec)
{
    return Error{ErrorCode::ApiUnavailable, what % u": "_s % QString::fromStdString(ec.message())};
}

bool isShortage(const error_code &ec)
{
    return ec == net::error::no_descriptors || ec == error_code(ENFILE, boost::system::system_category())
        || ec == net::error::no_memory || ec == net::error::no_buffer_space;
}
}

Listener::Listener(HttpServer::Options options, QList<Route> routes, HttpServer::Recognise recognise)
    : m_parts(std::move(options), std::move(routes), std::move(recognise))
    , m_io(m_parts.options.threads)
    , m_acceptor(net::make_strand(m_io))
    , m_work(net::make_work_guard(m_io))
{
}

Listener::~Listener()
{
    stop(m_parts.options.drainFor);
}

Result<> Listener::reloadTls()
{
    if (m_parts.options.tls.isEmpty())
        return {};
    Result<TlsContext> context = loadTls(m_parts.options.tls);
    if (!context)
        return context.error();
    m_parts.setTls(*std::move(context));
    return {};
}

Result<quint16> Listener::start()
{
    if (const Result<> loaded = reloadTls(); !loaded)
        return loaded.error();
    Result<TrustedProxies> proxies = TrustedProxies::parse(m_parts.options.trustedProxies);
    if (!proxies)
        return proxies.error();
    m_parts.proxies = *std::move(proxies);
    error_code ec;
    const auto address = net::ip::make_address(m_parts.options.address.toStdString(), ec);
    if (ec)
        return networkError(u"bad address to listen on"_s, ec);
    const tcp::endpoint wanted(address, m_parts.options.port);
    m_acceptor.open(wanted.protocol(), ec);
    if (!ec)
        m_acceptor.set_option(net::socket_base::reuse_address(true), ec);
    if (!ec)
        m_acceptor.bind(wanted, ec);
    if (!ec)
        m_acceptor.listen(net::socket_base::max_listen_connections, ec);
    if (ec)
        return networkError(u"cannot listen"_s, ec);
    const quint16 port = m_acceptor.local_endpoint().port();

    net::co_spawn(m_acceptor.get_executor(), accept(), net::detached);
    for (int i = 0; i < std::max(1, m_parts.options.threads); ++i)
        m_threads.emplace_back([this] { m_io.run(); });
    return port;
}

net::awaitable<void> Listener::accept()
{
    net::steady_timer pause(m_acceptor.get_executor());
    std::chrono::milliseconds pauseFor = FirstPause;
    while (!m_parts.isStopping) {
        tcp::socket socket(net::any_io_executor(net::make_strand(m_io)));
        error_code ec;
        co_await m_acceptor.async_accept(socket, net::redirect_error(net::use_awaitable, ec));
        if (m_parts.isStopping || ec == net::error::operation_aborted)
            break;
        if (!ec) {
            pauseFor = FirstPause;
            serve(std::move(socket));
        } else if (isShortage(ec)) {
            // The waiting peer stays in the queue of the kernel, so asking again at once would spin until a descriptor is free.
            logTrouble({}, u"out of descriptors or memory, accepting pauses"_s);
            pause.expires_after(pauseFor);
            co_await pause.async_wait(net::redirect_error(net::use_awaitable, ec));
            pauseFor = std::min(2 * pauseFor, LongestPause);
        }
    }
}

void Listener::serve(tcp::socket socket)
{
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const tcp::endpoint endpoint = socket.remote_endpoint(ignored);
    const QByteArray address = QByteArray::fromStdString(endpoint.address().to_string());
    const bool isProxy = m_parts.proxies.contains(address);
    Crowd::Place place = isProxy ? Crowd::Place() : m_parts.addresses.enter(addressKey(address));
    std::shared_ptr<Connection> connection;
    quint64 number = 0;
    {
        const std::lock_guard lock(m_mutex);
        const auto limit = static_cast<std::size_t>(std::max(1, m_parts.options.maxConnections));
        if (m_connections.size() >= limit + PoliteRefusals)
            return;
        const bool isCrowded = !isProxy && !place && !makeRoom(addressKey(address), place);
        if (isCrowded) {
            place = m_parts.refusedAddresses.enter(addressKey(address));
            if (!place)
                return;
        }
        Crowd::Place freed;
        const bool isFull = !isCrowded && m_connections.size() - m_leaving >= limit && !makeRoom({}, freed);
        connection = std::make_shared<Connection>(std::move(socket), m_parts, std::move(place), isCrowded || isFull);
        number = ++m_newest;
        m_connections.emplace(number, connection);
    }
    connection->start([this, number] {
        const std::lock_guard lock(m_mutex);
        const auto ended = m_connections.find(number);
        m_leaving -= ended->second->isLeaving() ? 1 : 0;
        m_connections.erase(ended);
        m_changed.notify_all();
    });
    // stop() may have gone through the list just before this one was in it.
    if (m_parts.isStopping)
        connection->stopSoon();
}

bool Listener::makeRoom(const QByteArray &ofAddress, Crowd::Place &place)
{
    for (const auto &[number, connection] : m_connections) {
        if (!connection->isStranger() || (!ofAddress.isEmpty() && connection->addressKey() != ofAddress))
            continue;
        place = connection->leave();
        ++m_leaving;
        return true;
    }
    return false;
}

std::vector<std::shared_ptr<Connection>> Listener::connections()
{
    const std::lock_guard lock(m_mutex);
    std::vector<std::shared_ptr<Connection>> all;
    for (const auto &[number, connection] : m_connections)
        all.push_back(connection);
    return all;
}

bool Listener::waitForConnections(std::chrono::milliseconds time)
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, time, [this] { return m_connections.empty(); });
}

void Listener::close()
{
    if (m_parts.isStopping.exchange(true) || m_threads.empty())
        return;
    std::promise<void> closed;
    net::post(m_acceptor.get_executor(), [this, &closed] {
        error_code ignored;
        m_acceptor.close(ignored);
        closed.set_value();
    });
    closed.get_future().wait();

    for (const auto &connection : connections())
        connection->stopSoon();
}

void Listener::stop(std::chrono::milliseconds drainFor)
{
    close();
    if (m_threads.empty())
        return;
    // A body sink may hold a connection longer than the deadline: it blocks in the disk, and what it holds must not be torn away.
    for (bool isFirst = true; !waitForConnections(isFirst ? drainFor : std::chrono::milliseconds(1000)); isFirst = false) {
        for (const auto &connection : connections())
            connection->abandon();
    }

    m_parts.disk.join();
    m_work.reset();
    for (std::thread &thread : m_threads)
        thread.join();
    m_threads.clear();
}

} // namespace photolift::server
