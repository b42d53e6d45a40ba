#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QString>

#include <optional>

namespace photolift::server {

/// Keeps a clock that goes wrong from shortening a photo's days: server_clock, what the rounds of retention have seen. A clock that is behind by
/// less than the time since the last round, or ahead for a day and longer, is believed. In the transaction at hand.
class ServerClock
{
public:
    explicit ServerClock(const QSqlDatabase &database);

    /// From when the days of a photo count that is wanted now. A clock that says less than a round has seen says nothing: then from a day
    /// after that, by which the next round has been.
    Result<qint64> daysBegin(qint64 nowMs) const;

    struct Moment {
        qint64 nowMs = 0;
        QString boot;        ///< which start of the machine
        qint64 uptimeMs = 0; ///< since then, sleep included; never set by anybody
    };
    static Moment moment();
    /// A round begins, and is noted. False: between the round before and this one the clock was set, or nobody can tell.
    Result<bool> isTrusted(const Moment &moment) const;
    /// When the newest round was, if no round of the day before it found the clock set: for what has nothing else between a wrong clock and its end.
    Result<std::optional<qint64>> steadyRound() const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
