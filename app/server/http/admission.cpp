#include "app/server/http/admission.h"

#include "app/server/http/calllimit.h"

#include <utility>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
HttpResponse refused(int status, const HttpRequest &request, const QString &detail)
{
    return problemResponse(status, Error{ErrorCode::ApiRequestRefused, detail}, request);
}
}

Admission::Admission(bool isLoopbackOnly, HttpServer::Recognise recognise)
    : m_isLoopbackOnly(isLoopbackOnly)
    , m_recognise(std::move(recognise))
{
}

std::optional<HttpResponse> Admission::refusal(HttpRequest &request, const Router::Match &match, const BodyFraming &body) const
{
    if (m_isLoopbackOnly) {
        // A page in a browser can be made to call 127.0.0.1 under a name of its own (DNS rebinding): its Host or Origin gives it away.
        if (!isOurHost(request.headers.value("host")))
            return refused(421, request, u"not our Host"_s);
        const auto origin = request.headers.constFind("origin");
        if (origin != request.headers.cend() && *origin != originOf(request))
            return problemResponse(403, Error{ErrorCode::ApiNotAllowed, u"foreign Origin"_s}, request);
    }
    const Route *route = match.route;
    const bool needsToken = route == nullptr || route->access == Access::Token;
    if (needsToken) {
        const std::optional<Caller> caller = callerOf(request);
        if (!caller) {
            HttpResponse response = problemResponse(401, Error{ErrorCode::ApiTokenExpired, u"no right token"_s}, request);
            response.headers.emplaceBack("WWW-Authenticate", "Bearer");
            return response;
        }
        request.caller = *caller;
    }
    if (route == nullptr) {
        if (match.allowedMethods.isEmpty())
            return refused(404, request, u"no such path"_s);
        HttpResponse response = refused(405, request, u"not with this method"_s);
        response.headers.emplaceBack("Allow", match.allowedMethods.join(", "));
        return response;
    }
    if (needsToken && !route->roles.contains(request.caller.role)) {
        if (route->onRoleRefused) {
            request.captures = match.captures;
            route->onRoleRefused(request);
        }
        return problemResponse(403, Error{ErrorCode::ApiNotAllowed, u"not with the role "_s + roleName(request.caller.role)}, request);
    }

    const auto expect = request.headers.constFind("expect");
    if (expect != request.headers.cend() && expect->toLower() != "100-continue")
        return refused(417, request, u"unknown Expect"_s);
    const QByteArray encoding = request.headers.value("content-encoding").toLower();
    if (!encoding.isEmpty() && encoding != "identity" && !(encoding == "gzip" && route->isGzipAccepted))
        return refused(415, request, u"unknown Content-Encoding"_s);
    if (body.contentLength.value_or(0) > route->maxBodyBytes || (body.isChunked && route->maxBodyBytes == 0))
        return refused(413, request, u"body over the limit of the route"_s);
    return route->limit ? route->limit->refusal(request) : std::nullopt;
}

/// Any port: behind a tunnel or a proxy of this computer the client dials another one, and passes on what it dialled, because the
/// host is part of a link's signature. A foreign page cannot choose the name, and the name is what gives it away.
bool Admission::isOurHost(const QByteArray &host) const
{
    const qsizetype colon = host.lastIndexOf(':');
    bool isPort = false;
    const QByteArray port = host.sliced(colon + 1);
    if (colon < 0 || port.toUShort(&isPort) == 0 || !isPort || port != QByteArray::number(port.toUShort()))
        return false;
    const QByteArray name = host.first(colon);
    return name == "127.0.0.1" || name == "localhost" || name == "[::1]";
}

std::optional<Caller> Admission::callerOf(const HttpRequest &request) const
{
    static const QByteArray Scheme = "bearer ";
    const QByteArray value = request.headers.value("authorization");
    if (value.size() <= Scheme.size() || value.first(Scheme.size()).toLower() != Scheme)
        return std::nullopt;
    return m_recognise(QByteArrayView(value).sliced(Scheme.size()));
}

} // namespace photolift::server
