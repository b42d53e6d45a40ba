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
/// token is told 401 whatever the path is. Unchanging, so any thread may ask.
class Admission
{
public:
    Admission(bool isLoopbackOnly, HttpServer::TokenCheck tokenCheck);

    /// The refusal, or nullopt: `match.route` may have the body.
    std::optional<HttpResponse> refusal(const HttpRequest &request, const Router::Match &match, const BodyFraming &body) const;

private:
    bool isOurHost(const QByteArray &host) const;
    bool hasToken(const HttpRequest &request) const;

    bool m_isLoopbackOnly;
    HttpServer::TokenCheck m_tokenCheck;
};

} // namespace photolift::server
