#include "app/server/api/ratelimit.h"

#include <algorithm>

namespace photolift::server {

RateLimit::RateLimit(int perMinute)
    : m_perMinute(perMinute)
    , m_left(perMinute)
{
}

bool RateLimit::take(Clock::time_point now)
{
    const std::scoped_lock lock(m_mutex);
    const double seconds = std::chrono::duration<double>(now - m_seen).count();
    m_left = std::min(m_perMinute, m_left + seconds * m_perMinute / 60.0);
    m_seen = now;
    if (m_left < 1)
        return false;
    m_left -= 1;
    return true;
}

} // namespace photolift::server
