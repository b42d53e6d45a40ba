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
    : m_isCountedLater(options.isCountedLater)
    , m_byAddress(RateLimit::Options{.perMinute = options.perAddressAndMinute > 0 ? options.perAddressAndMinute
                                                                                   : options.perTokenAndMinute * TokensPerAddress,
                                     .shareAtBegin = options.shareAtBegin})
{
    if (options.perTokenAndMinute > 0)
        m_byToken.emplace(RateLimit::Options{.perMinute = options.perTokenAndMinute, .shareAtBegin = options.shareAtBegin});
}

std::optional<int> CallLimit::ask(RateLimit &limit, const QByteArray &key, int count) const
{
    return m_isCountedLater ? limit.look(key) : limit.takeMany(key, count);
}

std::optional<HttpResponse> CallLimit::refusal(const HttpRequest &request)
{
    return refusalOf(1, request);
}

std::optional<HttpResponse> CallLimit::refusalOf(int count, const HttpRequest &request)
{
    // The token first: who is over the limit alone does not use up what the others of the office share.
    if (m_byToken) {
        if (const auto seconds = ask(*m_byToken, callerKey(request.caller), count))
            return tooMany(request, u"token"_s, *seconds);
    }
    if (const auto seconds = ask(m_byAddress, addressKey(request.peer), count)) {
        if (m_byToken && !m_isCountedLater)
            m_byToken->giveBack(callerKey(request.caller), count);
        return tooMany(request, u"address"_s, *seconds);
    }
    return std::nullopt;
}

void CallLimit::giveBack(int count, const HttpRequest &request)
{
    if (m_byToken)
        m_byToken->giveBack(callerKey(request.caller), count);
    m_byAddress.giveBack(addressKey(request.peer), count);
}

void CallLimit::count(const HttpRequest &request)
{
    if (m_byToken)
        (void)m_byToken->take(callerKey(request.caller));
    (void)m_byAddress.take(addressKey(request.peer));
}

} // namespace photolift::server
