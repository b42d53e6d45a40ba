#pragma once

#include "app/server/http/admission.h"
#include "app/server/http/httpserver.h"
#include "app/server/http/router.h"
#include "app/server/http/tlscontext.h"

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
    HttpServer::Options options;
    Router router;
    Admission admission;
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
    /// `socket` belongs to a strand of its own. `isOneTooMany`: answer 503 and close.
    Connection(boost::asio::ip::tcp::socket socket, ServerParts &parts, bool isOneTooMany);
    ~Connection();

    void start(std::function<void()> onEnd);
    /// Ends after the answer under way, at once when idle. Any thread.
    void stopSoon();
    /// Ends now; an answer that is waited for is not wanted any more. Any thread.
    void abandon();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::server
