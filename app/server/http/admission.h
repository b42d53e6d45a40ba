#pragma once

#include "app/server/http/httpserver.h"
#include "app/server/http/router.h"

#include <optional>

namespace photolift::server {

/// What a request says of its body.
struct BodyFraming {
    std::optional<qint64> contentLength;
    bool isChunked = false;
    bool hasBody() const { return isChunked || contentLength.value_or(0) > 0; }
};

/// The door: judges a request by its head alone, before a byte of its body is read. Strangers learn nothing: who has no right
/// token is told 401 whatever the path is; whose role the route does not allow, 403. Unchanging, so any thread may ask.
class Admission
{
public:
    Admission(bool isLoopbackOnly, HttpServer::Recognise recognise);

    /// The refusal, or nullopt: `match.route` may have the body. Sets `request.caller`.
    std::optional<HttpResponse> refusal(HttpRequest &request, const Router::Match &match, const BodyFraming &body) const;

private:
    bool isOurHost(const QByteArray &host) const;
    std::optional<Caller> callerOf(const HttpRequest &request) const;

    bool m_isLoopbackOnly;
    HttpServer::Recognise m_recognise;
};

} // namespace photolift::server
