#pragma once

#include <chrono>
#include <mutex>

namespace photolift::server {

/// Remembers that the store gave no answer, so that one question finds out whether it is back and all others are told at once that it is
/// away, instead of each waiting in vain on a thread of its own. Thread-safe.
class StoreAbsence
{
public:
    using Clock = std::chrono::steady_clock;
    /// So long after a question without an answer nobody asks.
    static constexpr std::chrono::seconds Pause{5};

    /// Who may ask says afterwards how it ended: answered(), gaveNoAnswer() or stopped().
    bool mayAsk(Clock::time_point now = Clock::now());
    void answered();
    void gaveNoAnswer(Clock::time_point now = Clock::now());
    void stopped(); ///< by us: nobody knows

private:
    std::mutex m_mutex;
    bool m_isAway = false;
    bool m_isAsked = false; ///< while it is away: by one
    Clock::time_point m_notBefore;
};

} // namespace photolift::server
