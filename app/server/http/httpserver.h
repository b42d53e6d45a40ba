#pragma once

#include "app/server/http/exchange.h"
#include "app/server/http/tlscontext.h"

#include <QByteArray>
#include <QList>

#include <chrono>
#include <memory>
#include <optional>

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
        TlsFiles tls;               ///< empty: plain HTTP
        std::chrono::milliseconds headerDeadline{10000}; ///< absolute, from the first byte (of a new connection: from its start)
        std::chrono::milliseconds idleFor{75000};        ///< a kept connection without a request
        /// A body may fall silent for so long, and may be slower than minimumBodyRate for about so long in all; likewise whoever takes an answer.
        std::chrono::milliseconds bodyStall{60000};
        /// Likewise the body of somebody who has shown neither token nor link: a route with Access::Open. bodyStall, when that is shorter.
        std::chrono::milliseconds strangersStall{10000};
        int minimumBodyRate = 500; ///< bytes per second
        std::chrono::milliseconds lingerFor{3000}; ///< a refused body is thrown away for so long, so that the refusal arrives
        std::chrono::milliseconds drainFor{5000};  ///< stop() waits so long for answers under way
        /// For one more, the oldest connection without a token or a signed link is closed; where there is none, the newcomer is told 503.
        int maxConnections = 4000;
        int maxConnectionsPerAddress = 2000; ///< likewise; trusted proxies have no limit
        int maxConnectionsPerToken = 100;    ///< more are answered 429
        /// Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed. They have to send each once: a repeated
        /// field is refused.
        QList<QByteArray> trustedProxies;
        /// Told of each answer, for metrics: null route when no route was found. On an I/O thread; must not block.
        std::function<void(const Route *, int status, std::chrono::nanoseconds)> onAnswered;
    };
    /// Says whose bearer token this is; nullopt: nobody's. Constant-time comparison inside; called on I/O threads.
    using Recognise = std::function<std::optional<Caller>(QByteArrayView token)>;

    HttpServer(Options options, QList<Route> routes, Recognise recognise);
    ~HttpServer(); ///< stop()

    /// Listens and serves; returns the port. NETWORK_IDENTITY_UNTRUSTED when the TLS files are no good.
    Result<quint16> start();
    /// Reads certificate and key anew, for connections that come from now on; those that are open go on with the old pair. When the
    /// new one is no good the old one stays, and the error says why. Any thread, while the server runs; nothing to do without TLS.
    Result<> reloadTls();
    /// Lets nobody new in, and closes what is idle; whatever is under way goes on.
    void close();
    /// Likewise, and waits for what is under way, waiting answers woken by their handlers' owners: at most so long, or Options::drainFor.
    void stop(std::optional<std::chrono::milliseconds> drainFor = {});

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::server
