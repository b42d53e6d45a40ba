#include "models/pipeline/retryquota.h"

namespace photolift::pipeline {

namespace {
constexpr qint64 WindowMs = 60'000;
constexpr int Share = 10; ///< one extra request for so many others
}

void RetryQuota::forgetOld(Host &host, qint64 now) const
{
    while (!host.requests.empty() && host.requests.begin()->first * 1000 <= now - WindowMs) {
        host.inMinute -= host.requests.begin()->second;
        host.requests.erase(host.requests.begin());
    }
    host.extra.erase(host.extra.begin(), host.extra.upper_bound(now - WindowMs));
}

void RetryQuota::noteRequestsAt(const QString &host, int count, qint64 now)
{
    Host &entry = m_hosts[host];
    forgetOld(entry, now);
    entry.requests[now / 1000] += count;
    entry.inMinute += count;
}

qint64 RetryQuota::reserveAt(const QString &host, qint64 delayMs, qint64 now)
{
    Host &entry = m_hosts[host];
    forgetOld(entry, now);
    const auto most = static_cast<std::size_t>(std::max(m_alwaysFree, entry.inMinute / Share));
    qint64 at = now + delayMs;
    if (entry.extra.size() >= most) // no window of a minute holds more than `most`: a minute behind the one that is `most` before it
        at = std::max(at, *std::prev(entry.extra.end(), static_cast<std::ptrdiff_t>(most)) + WindowMs);
    entry.extra.insert(at);
    return at - now;
}

} // namespace photolift::pipeline
