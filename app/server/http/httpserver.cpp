#include "app/server/http/httpserver.h"

#include "app/server/http/listener.h"

#include <utility>

namespace photolift::server {

class HttpServer::Private
{
public:
    Listener listener;
};

HttpServer::HttpServer(Options options, QList<Route> routes, Recognise recognise)
    : d(new Private{Listener(std::move(options), std::move(routes), std::move(recognise))})
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

void HttpServer::stop()
{
    d->listener.stop();
}

} // namespace photolift::server
