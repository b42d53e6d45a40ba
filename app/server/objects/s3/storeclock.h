#pragma once

#include <QByteArray>
#include <QDateTime>

#include <chrono>
#include <mutex>
#include <optional>

namespace photolift::server {

/// What time it is for the store: the Date of its latest answer, and what has passed since then whatever anybody did to the clock of this
/// computer. Thread-safe.
class StoreClock
{
public:
    /// A link signed by a clock that is ahead lives longer than it says, and one of a clock that is behind is none: no store refuses the first (FAULTS M7).
    static constexpr std::chrono::seconds Tolerance{60};

    /// The field `Date` of an answer that has just come; what is no date says nothing.
    void answered(const QByteArray &date);
    /// How far `now` is ahead of it, negative when it is behind; nullopt before its first answer.
    std::optional<std::chrono::milliseconds> aheadOfIt(const QDateTime &now) const;

private:
    mutable std::mutex m_mutex; ///< guards the two below
    std::optional<qint64> m_dateMs;
    qint64 m_uptimeMs = 0; ///< when that came
};

} // namespace photolift::server
