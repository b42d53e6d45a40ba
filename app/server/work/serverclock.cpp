#include "app/server/work/serverclock.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

#include <QFile>

#include <ctime>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;
/// What time services correct without setting the clock, and more.
constexpr qint64 ToleranceMs = 5 * 60 * 1000;

QString bootId()
{
    QFile file(u"/proc/sys/kernel/random/boot_id"_s);
    return file.open(QIODevice::ReadOnly) ? QString::fromLatin1(file.readAll().trimmed()) : QString();
}

} // namespace

ServerClock::ServerClock(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<qint64> ServerClock::daysBegin(qint64 nowMs) const
{
    Result<Answer> query = execute(m_database, "SELECT latest_ms FROM server_clock"_L1);
    if (!query)
        return query.error();
    const qint64 latestMs = query->next() ? query->value(0).toLongLong() : 0;
    return nowMs + ToleranceMs >= latestMs ? nowMs : latestMs + DayMs;
}

ServerClock::Moment ServerClock::moment()
{
    timespec uptime = {};
    ::clock_gettime(CLOCK_BOOTTIME, &uptime);
    return {photolift::nowMs(), bootId(), uptime.tv_sec * 1000LL + uptime.tv_nsec / 1'000'000};
}

Result<bool> ServerClock::isTrusted(const Moment &moment) const
{
    Result<Answer> query = execute(m_database, "SELECT round_ms, boot, uptime_ms FROM server_clock"_L1);
    if (!query)
        return query.error();
    bool isTrusted = true;
    if (query->next() && !query->value(0).isNull()) {
        const qint64 passedMs = moment.nowMs - query->value(0).toLongLong();
        if (!moment.boot.isEmpty() && query->value(1).toString() == moment.boot)
            isTrusted = std::abs(passedMs - (moment.uptimeMs - query->value(2).toLongLong())) <= ToleranceMs;
        else
            isTrusted = passedMs >= -ToleranceMs && passedMs <= DayMs; // another machine, or another life of this one
    }
    query->finish();
    const Result<int> noted = change(m_database,
                                     "UPDATE server_clock SET latest_ms = CASE WHEN latest_ms > ? THEN latest_ms ELSE ? END, round_ms = ?, boot = ?,"
                                     " uptime_ms = ?, set_ms = CASE WHEN ? = 1 AND set_ms IS NOT NULL THEN set_ms ELSE ? END"_L1,
                                     {moment.nowMs, moment.nowMs, moment.nowMs, moment.boot, moment.uptimeMs, isTrusted ? 1 : 0, moment.nowMs});
    return noted ? Result<bool>(isTrusted) : noted.error();
}

Result<std::optional<qint64>> ServerClock::steadyRound() const
{
    auto query = execute(m_database, "SELECT round_ms, set_ms FROM server_clock WHERE round_ms IS NOT NULL AND set_ms IS NOT NULL"_L1);
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<qint64>();
    const qint64 roundMs = query->value(0).toLongLong();
    return roundMs - query->value(1).toLongLong() >= DayMs ? std::optional(roundMs) : std::nullopt;
}

} // namespace photolift::server
