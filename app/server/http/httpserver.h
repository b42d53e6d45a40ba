#pragma once

#include "app/server/http/exchange.h"

#include <QByteArray>
#include <QList>

#include <chrono>
#include <memory>

namespace photolift::server {

/// The HTTP listener: Boost.Beast on `threads` threads, one strand per connection, routes given at the start. Knows limits, deadlines
/// and the bearer token; knows nothing of uploads. HTTP rules and pitfalls: SERVER.md.
class HttpServer
{
public:
    struct Options {
        QByteArray address = "127.0.0.1";
        quint16 port = 0;
        int threads = 2;
        int diskThreads = 4;
        bool isLoopbackOnly = true; ///< checks Host and Origin
        std::chrono::milliseconds headerDeadline{10000};
        std::chrono::milliseconds bodyStall{60000};
        std::chrono::milliseconds drainFor{5000};
        int maxConnections = 2000;
    };
    /// Says whether a bearer token may come in. Constant-time comparison inside; called on I/O threads.
    using TokenCheck = std::function<bool(QByteArrayView token)>;

    HttpServer(Options options, QList<Route> routes, TokenCheck tokenCheck);
    ~HttpServer(); ///< stop()

    /// Listens and serves; returns the port.
    Result<quint16> start();
    /// No new connections, waiting answers woken by their handlers' owners, drains with the deadline.
    void stop();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::server
