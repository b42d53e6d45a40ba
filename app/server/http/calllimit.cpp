#include "app/server/http/calllimit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
HttpResponse tooMany(const HttpRequest &request, const QString &whose, int retryAfterSeconds)
{
    return problemResponse(429, Error{ErrorCode::ApiRateLimited, u"too many calls of one "_s % whose}, request, retryAfterSeconds);
}
}

QByteArray callerKey(const Caller &caller)
{
    return caller.tokenId.isNull() ? caller.userId.toUtf8() : caller.tokenId.toRfc4122();
}

QByteArray addressKey(const QByteArray &address)
{
    in6_addr six{};
    if (::inet_pton(AF_INET6, address.constData(), &six) != 1)
        return address;
    const QByteArrayView bytes(reinterpret_cast<const char *>(six.s6_addr), sizeof six.s6_addr);
    return (IN6_IS_ADDR_V4MAPPED(&six) ? bytes : bytes.first(8)).toByteArray();
}

CallLimit::CallLimit(Options options)
    : m_byAddress(RateLimit::Options{.perMinute = options.perAddressAndMinute > 0 ? options.perAddressAndMinute
                                                                                   : options.perTokenAndMinute * TokensPerAddress,
                                     .shareAtBegin = options.shareAtBegin})
{
    if (options.perTokenAndMinute > 0)
        m_byToken.emplace(RateLimit::Options{.perMinute = options.perTokenAndMinute, .shareAtBegin = options.shareAtBegin});
}

std::optional<HttpResponse> CallLimit::refusal(const HttpRequest &request)
{
    // The token first: who is over the limit alone does not use up what the others of the office share.
    if (m_byToken) {
        if (const auto seconds = m_byToken->take(callerKey(request.caller)))
            return tooMany(request, u"token"_s, *seconds);
    }
    if (const auto seconds = m_byAddress.take(addressKey(request.peer))) {
        if (m_byToken)
            m_byToken->giveBack(callerKey(request.caller));
        return tooMany(request, u"address"_s, *seconds);
    }
    return std::nullopt;
}

void CallLimit::giveBack(const HttpRequest &request)
{
    if (m_byToken)
        m_byToken->giveBack(callerKey(request.caller));
    m_byAddress.giveBack(addressKey(request.peer));
}

} // namespace photolift::server
