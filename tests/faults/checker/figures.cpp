#include "tests/faults/checker/figures.h"

#include <QJsonArray>

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace photolift::check {

namespace {

constexpr double MaxResumeSeconds = 10;
constexpr double MaxTurnMs = 100;

/// Sorted; a value that is no number is as bad as can be, so that it cannot pass unseen.
QList<double> numbers(const QJsonObject &figures, const QString &name)
{
    QList<double> result;
    const QJsonArray array = figures.value(name).toArray();
    for (const QJsonValue &value : array)
        result.append(value.toDouble(HUGE_VAL));
    std::sort(result.begin(), result.end());
    return result;
}

}

Verdict resumedInTime(const QJsonObject &figures)
{
    Verdict verdict(u"I6"_s);
    const QList<double> seconds = numbers(figures, u"resume_seconds"_s);
    verdict.count(seconds.size());
    if (seconds.isEmpty()) {
        verdict.markUnchecked(u"no figures given"_s);
        return verdict;
    }
    for (const double value : seconds) {
        if (!(value >= 0 && value <= MaxResumeSeconds))
            verdict.violation(u"a restart took %1 s"_s.arg(value));
    }
    verdict.figure(u"max_s"_s, seconds.last());
    return verdict;
}

Verdict neverStalled(const QJsonObject &figures)
{
    Verdict verdict(u"I8"_s);
    const QList<double> cpu = numbers(figures, u"ui_turn_cpu_ms"_s);
    const QList<double> wall = numbers(figures, u"ui_turn_wall_ms"_s);
    verdict.count(std::max(cpu.size(), wall.size()));
    if (cpu.isEmpty() || wall.isEmpty()) {
        verdict.markUnchecked(u"no figures given"_s);
        return verdict;
    }
    for (const double value : cpu) {
        if (!(value <= MaxTurnMs))
            verdict.violation(u"a turn used %1 ms of CPU"_s.arg(value));
    }
    const qsizetype rank = static_cast<qsizetype>(std::ceil(0.99 * static_cast<double>(wall.size())));
    const double p99 = wall.at(std::max<qsizetype>(rank - 1, 0));
    if (!(p99 <= MaxTurnMs))
        verdict.violation(u"p99 of the turns is %1 ms"_s.arg(p99));
    verdict.figure(u"cpu_max_ms"_s, cpu.last());
    verdict.figure(u"wall_p99_ms"_s, p99);
    verdict.figure(u"wall_max_ms"_s, wall.last());
    return verdict;
}

} // namespace photolift::check
