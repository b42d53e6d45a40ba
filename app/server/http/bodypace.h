#pragma once

#include <algorithm>
#include <chrono>

namespace photolift::server {

/// How long the sender of a body may still be waited for. It starts with `allowance`; waiting uses it up, each byte earns time at
/// the minimum rate, never above the allowance. So one rule ends both a body that falls silent and one that trickles,
/// while an honest slow line is never cut. Time the server spends on the bytes itself is not counted.
class BodyPace
{
public:
    using Duration = std::chrono::nanoseconds;

    BodyPace(Duration allowance, int bytesPerSecond)
        : m_allowance(allowance)
        , m_left(allowance)
        , m_bytesPerSecond(std::max(1, bytesPerSecond))
    {
    }

    Duration left() const { return std::max(m_left, Duration::zero()); }
    void received(std::size_t bytes, Duration waited)
    {
        const Duration earned = std::chrono::nanoseconds(static_cast<long long>(1e9 * static_cast<double>(bytes) / m_bytesPerSecond));
        m_left = std::min(m_allowance, m_left - waited + earned);
    }

private:
    Duration m_allowance;
    Duration m_left;
    int m_bytesPerSecond;
};

} // namespace photolift::server
