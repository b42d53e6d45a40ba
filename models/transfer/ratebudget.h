#pragma once

#include <QtGlobal>

#include <chrono>

namespace photolift::transfer {

/// The bandwidth limit of all connections together: a bucket that fills with `rate` bytes a second and holds a tenth of a
/// second. Time is given by the caller. One thread.
class RateBudget
{
public:
    using Clock = std::chrono::steady_clock;

    /// 0 or less: no limit.
    void setRate(qint64 bytesPerSecond, Clock::time_point now);
    void refill(Clock::time_point now);
    /// At most `wanted` bytes may be sent now; 0: wait until hasEnough().
    qint64 take(qint64 wanted);
    bool isLimited() const { return m_rate > 0; }
    /// A useful amount is there: below it, waking a sender would only make small packets.
    bool hasEnough() const { return !isLimited() || m_bytes >= quantum(); }
    /// How long until hasEnough(), at least 1 ms.
    std::chrono::milliseconds wait() const;

private:
    double quantum() const;

    qint64 m_rate = 0;
    double m_bytes = 0;
    Clock::time_point m_filled;
};

} // namespace photolift::transfer
