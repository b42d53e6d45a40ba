#include "app/server/http/ratelimit.h"

#include <algorithm>
#include <cmath>

namespace photolift::server {

using Seconds = std::chrono::duration<double>;

RateLimit::RateLimit(Options options, Clock::time_point begin)
    : m_options(options)
    , m_begin(begin)
    , m_shared{atFirst(begin), begin}
    , m_turned(begin)
{
}

double RateLimit::atFirst(Clock::time_point now) const
{
    const double share = m_options.shareAtBegin + Seconds(now - m_begin).count() / 60.0;
    return std::max(1.0, std::min(1.0, share) * m_options.perMinute);
}

double RateLimit::refilled(const Bucket &bucket, Clock::time_point now) const
{
    const double gained = std::max(0.0, Seconds(now - bucket.seen).count()) * m_options.perMinute / 60.0;
    return std::min<double>(std::max(1, m_options.perMinute), bucket.left + gained);
}

RateLimit::Bucket &RateLimit::bucketOf(const QByteArray &key, Clock::time_point now)
{
    if (now - m_turned >= std::chrono::minutes(1)) {
        m_older = now - m_turned >= std::chrono::minutes(2) ? QHash<QByteArray, Bucket>() : std::move(m_recent);
        m_recent = {};
        m_turned = now;
    }
    if (const auto known = m_recent.find(key); known != m_recent.end())
        return *known;
    if (const auto known = m_older.constFind(key); known != m_older.cend()) {
        const Bucket bucket = *known;
        m_older.erase(known);
        return *m_recent.insert(key, bucket);
    }
    if (m_recent.size() + m_older.size() >= m_options.maxKeys)
        return m_shared;
    return *m_recent.insert(key, {atFirst(now), now});
}

RateLimit::Bucket &RateLimit::refill(const QByteArray &key, Clock::time_point now)
{
    Bucket &bucket = bucketOf(key, now);
    bucket.left = refilled(bucket, now);
    bucket.seen = std::max(bucket.seen, now);
    return bucket;
}

std::optional<int> RateLimit::missing(const Bucket &bucket, int perMinute, int count)
{
    const int needed = std::min(count, std::max(1, perMinute));
    if (bucket.left >= needed)
        return std::nullopt;
    return std::max(1, static_cast<int>(std::ceil((needed - bucket.left) * 60.0 / std::max(1, perMinute))));
}

std::optional<int> RateLimit::take(const QByteArray &key, Clock::time_point now)
{
    return takeMany(key, 1, now);
}

std::optional<int> RateLimit::takeMany(const QByteArray &key, int count, Clock::time_point now)
{
    const std::scoped_lock lock(m_mutex);
    Bucket &bucket = refill(key, now);
    const std::optional<int> seconds = missing(bucket, m_options.perMinute, count);
    if (!seconds)
        bucket.left -= count;
    return seconds;
}

std::optional<int> RateLimit::look(const QByteArray &key, Clock::time_point now)
{
    const std::scoped_lock lock(m_mutex);
    return missing(refill(key, now), m_options.perMinute);
}

void RateLimit::giveBack(const QByteArray &key, int count)
{
    const std::scoped_lock lock(m_mutex);
    const double most = std::max(1, m_options.perMinute);
    if (const auto known = m_recent.find(key); known != m_recent.end())
        known->left = std::min(most, known->left + count);
    else if (const auto older = m_older.find(key); older != m_older.end())
        older->left = std::min(most, older->left + count);
    // Of the shared bucket nothing comes back: whose it was cannot be said any more.
}

qsizetype RateLimit::rememberedKeys() const
{
    const std::scoped_lock lock(m_mutex);
    return m_recent.size() + m_older.size();
}

} // namespace photolift::server
