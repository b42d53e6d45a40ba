#include "models/mirror/patience.h"

#include <algorithm>

namespace photolift::mirror {

namespace {
constexpr qint64 Minute = 60 * 1000;
constexpr int QuickTries = 5;
constexpr qint64 LongFor = 15 * Minute;
constexpr qint64 AfterLong = 10 * Minute;

/// base, doubled with each try, at most `cap`, full jitter.
qint64 jittered(qint64 base, int tries, qint64 cap, double chance)
{
    const qint64 whole = tries >= 20 ? cap : std::min(cap, base << tries);
    return qint64(double(whole) * chance);
}
}

qint64 Patience::afterFailure(ErrorCode code, std::optional<qint64> retryAfterMs, double chance)
{
    const RetryPolicy policy = errorInfo(code).retry;
    if (policy == RetryPolicy::ServerAsked && retryAfterMs)
        return qint64(double(std::clamp<qint64>(*retryAfterMs, 1000, 15 * Minute)) * (1.0 + 0.2 * chance));
    if (code == ErrorCode::ApiTokenExpired) // once more at once; then whoever brings the next token says so
        return m_tokenTries++ == 0 ? 0 : Minute;
    if (policy == RetryPolicy::InRequest && m_quickTries < QuickTries)
        return jittered(250, m_quickTries++, 20 * 1000, chance);
    if (policy == RetryPolicy::WaitForCondition)
        return Minute; // somebody watches and says when to go on; this is for a watcher that missed it
    if (policy == RetryPolicy::None)
        return AfterLong;
    if (m_longWaitedMs >= LongFor)
        return AfterLong;
    const qint64 pause = jittered(2000, m_longTries++, Minute, chance);
    m_longWaitedMs += pause;
    return pause;
}

void Patience::reset()
{
    *this = Patience();
}

} // namespace photolift::mirror
