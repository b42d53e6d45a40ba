#pragma once

#include <chrono>
#include <mutex>

namespace photolift::server {

/// At most `perMinute` in a burst, then as many as a minute brings, evenly. Thread-safe.
class RateLimit
{
public:
    using Clock = std::chrono::steady_clock;

    explicit RateLimit(int perMinute);
    bool take(Clock::time_point now = Clock::now());

private:
    std::mutex m_mutex;
    const double m_perMinute;
    double m_left;
    Clock::time_point m_seen = Clock::now();
};

} // namespace photolift::server
