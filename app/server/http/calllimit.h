#pragma once

#include "app/server/http/exchange.h"
#include "app/server/http/ratelimit.h"

namespace photolift::server {

/// How often a route may be called: a caller by token, a stranger by address, as an office shares one address. A token in every hand of
/// the office is not the address's burden; many tokens in one hand are, so an address may have the calls of a hundred tokens.
class CallLimit
{
public:
    static constexpr int TokensPerAddress = 100;
    struct Options {
        int perTokenAndMinute = 0; ///< 0: none, as on a route without tokens
        int perAddressAndMinute = 0; ///< 0: the calls of TokensPerAddress tokens
        double shareAtBegin = 1.0; ///< see RateLimit
        /// A call counts only once count() says so, as where wrong ones are counted. Right ones that come together are never in each
        /// other's way; wrong ones that come together may be more than the limit, by as many as are under way.
        bool isCountedLater = false;
    };
    explicit CallLimit(Options options);

    /// 429 API_RATE_LIMITED with Retry-After, or nullopt: the call may come, and is counted unless that is done later. Thread-safe.
    std::optional<HttpResponse> refusal(const HttpRequest &request);
    /// Of a call that is counted later: now.
    void count(const HttpRequest &request);
    /// Where what a call gives is counted rather than calls: so many for this one, all or none; as refusal(). Never for what is counted later.
    std::optional<HttpResponse> refusalOf(int count, const HttpRequest &request);
    /// So many of these were not given.
    void giveBack(int count, const HttpRequest &request);

private:
    std::optional<int> ask(RateLimit &limit, const QByteArray &key, int count) const;

    const bool m_isCountedLater;
    std::optional<RateLimit> m_byToken;
    RateLimit m_byAddress;
};

/// What a caller is counted by.
QByteArray callerKey(const Caller &caller);
/// What addresses are counted by: an IPv4 address itself, of an IPv6 address the /64, because every home has as many as it likes.
QByteArray addressKey(const QByteArray &address);

} // namespace photolift::server
