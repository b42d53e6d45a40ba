#pragma once

#include "app/server/http/admission.h"
#include "app/server/http/crowd.h"
#include "app/server/http/httpserver.h"
#include "app/server/http/router.h"
#include "app/server/http/tlscontext.h"
#include "app/server/http/trustedproxies.h"

#include <utility> // Asio 1.74 forgets it

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace photolift::server {

/// What all connections of a listener share; it outlives them.
struct ServerParts {
    static constexpr int PoliteRefusalsPerAddress = 10;

    HttpServer::Options options;
    Router router;
    Admission admission;
    TrustedProxies proxies; ///< set before the first connection
    Crowd addresses;
    Crowd refusedAddresses; ///< so many of an address are told that they are too many; the rest is closed without a word
    Crowd tokens;
    boost::asio::thread_pool disk;
    std::atomic<bool> isStopping = false;

    TlsContext tls() const
    {
        const std::lock_guard lock(tlsMutex);
        return tlsOfNewConnections;
    }
    void setTls(TlsContext context)
    {
        const std::lock_guard lock(tlsMutex);
        tlsOfNewConnections = std::move(context);
    }

    ServerParts(HttpServer::Options given, QList<Route> routes, HttpServer::Recognise recognise)
        : options(std::move(given))
        , router(std::move(routes))
        , admission(options.isLoopbackOnly, std::move(recognise))
        , addresses(options.maxConnectionsPerAddress)
        , refusedAddresses(PoliteRefusalsPerAddress)
        , tokens(options.maxConnectionsPerToken)
        , disk(static_cast<std::size_t>(std::max(1, options.diskThreads)))
    {
    }

private:
    mutable std::mutex tlsMutex; ///< guards tlsOfNewConnections
    TlsContext tlsOfNewConnections; ///< null: plain
};

/// One accepted connection: its requests, one after the other, on one strand. Keeps itself alive until `onEnd` was called.
class Connection : public std::enable_shared_from_this<Connection>
{
public:
    /// `socket` belongs to a strand of its own. `place`: among the connections of its address. `isOneTooMany`: answer 503 and close.
    Connection(boost::asio::ip::tcp::socket socket, ServerParts &parts, Crowd::Place place, bool isOneTooMany);
    ~Connection();

    void start(std::function<void()> onEnd);
    /// Ends after the answer under way, at once when idle. Any thread.
    void stopSoon();
    /// Ends now; an answer that is waited for is not wanted any more. Any thread.
    void abandon();
    /// Nobody has shown a token or a signed link on it so far; of a trusted proxy's: with its newest request. False as well of who is told
    /// to be one too many. This and the three below: with one lock of whoever calls them.
    bool isStranger() const;
    /// abandon(), for the sake of somebody else, who is given the place among the connections of the address. Once.
    Crowd::Place leave();
    bool isLeaving() const;
    const QByteArray &addressKey() const; ///< empty behind leave(), and of a trusted proxy's

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::server
