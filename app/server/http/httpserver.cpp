#include "app/server/http/httpserver.h"

#include "app/server/http/listener.h"

#include <utility>

namespace photolift::server {

class HttpServer::Private
{
public:
    const std::chrono::milliseconds drainFor;
    Listener listener;
};

HttpServer::HttpServer(Options options, QList<Route> routes, Recognise recognise)
    : d(new Private{options.drainFor, Listener(options, std::move(routes), std::move(recognise))})
{
}

HttpServer::~HttpServer() = default;

Result<quint16> HttpServer::start()
{
    return d->listener.start();
}

Result<> HttpServer::reloadTls()
{
    return d->listener.reloadTls();
}

void HttpServer::close()
{
    d->listener.close();
}

void HttpServer::stop(std::optional<std::chrono::milliseconds> drainFor)
{
    d->listener.stop(drainFor.value_or(d->drainFor));
}

} // namespace photolift::server
