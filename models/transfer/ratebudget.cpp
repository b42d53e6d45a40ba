#include "models/transfer/ratebudget.h"

#include <algorithm>
#include <cmath>

namespace photolift::transfer {

namespace {
constexpr double SmallestQuantum = 1024;
constexpr double LargestQuantum = 64 * 1024;
}

void RateBudget::setRate(qint64 bytesPerSecond, Clock::time_point now)
{
    refill(now);
    m_rate = std::max<qint64>(0, bytesPerSecond);
    m_filled = now;
    m_bytes = std::min(m_bytes, m_rate / 10.0);
}

void RateBudget::refill(Clock::time_point now)
{
    if (m_rate > 0) {
        const double seconds = std::chrono::duration<double>(now - m_filled).count();
        m_bytes = std::min(m_bytes + seconds * m_rate, std::max(m_rate / 10.0, quantum()));
    }
    m_filled = now;
}

qint64 RateBudget::take(qint64 wanted)
{
    if (!isLimited())
        return wanted;
    if (!hasEnough())
        return 0;
    const qint64 given = std::min(wanted, qint64(m_bytes));
    m_bytes -= double(given);
    return given;
}

std::chrono::milliseconds RateBudget::wait() const
{
    if (hasEnough())
        return std::chrono::milliseconds(1);
    const double milliseconds = std::ceil((quantum() - m_bytes) * 1000.0 / double(m_rate));
    return std::chrono::milliseconds(std::clamp<qint64>(qint64(milliseconds), 1, 1000));
}

double RateBudget::quantum() const
{
    return std::clamp(double(m_rate) / 50.0, SmallestQuantum, LargestQuantum);
}

} // namespace photolift::transfer
