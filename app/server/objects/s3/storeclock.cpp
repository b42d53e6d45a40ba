#include "app/server/objects/s3/storeclock.h"

#include <curl/curl.h>

#include <ctime>

namespace photolift::server {

namespace {

/// Since the start of this computer, its sleep included; nobody sets it.
qint64 uptimeMs()
{
    timespec uptime = {};
    ::clock_gettime(CLOCK_BOOTTIME, &uptime);
    return uptime.tv_sec * 1000LL + uptime.tv_nsec / 1'000'000;
}

} // namespace

void StoreClock::answered(const QByteArray &date)
{
    const time_t seconds = curl_getdate(date.constData(), nullptr);
    if (seconds < 0)
        return;
    const std::scoped_lock lock(m_mutex);
    m_dateMs = seconds * 1000LL;
    m_uptimeMs = uptimeMs();
}

std::optional<std::chrono::milliseconds> StoreClock::aheadOfIt(const QDateTime &now) const
{
    const std::scoped_lock lock(m_mutex);
    if (!m_dateMs)
        return std::nullopt;
    return std::chrono::milliseconds(now.toMSecsSinceEpoch() - *m_dateMs - (uptimeMs() - m_uptimeMs));
}

} // namespace photolift::server
