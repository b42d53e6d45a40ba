#include "models/store/starrules.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

/// Years 1 to 9999: what a day key of eight digits and both engines' times can say.
constexpr qint64 EarliestMs = -62'135'596'800'000;
constexpr qint64 LatestMs = 253'402'300'799'999;

/// Keeps the first column that does not fit.
class Fit
{
public:
    Fit &time(const char *column, const std::optional<qint64> &ms) { return check(column, !ms || (*ms >= EarliestMs && *ms <= LatestMs)); }
    Fit &duration(const char *column, const std::optional<qint64> &ms) { return check(column, !ms || *ms >= 0); }
    Fit &network(const NetworkFacts &facts)
    {
        return check("signal_strength", !facts.signalStrength || (*facts.signalStrength >= 0 && *facts.signalStrength <= 100));
    }
    Fit &check(const char *column, bool isRight)
    {
        if (!isRight && !m_refused)
            m_refused = column;
        return *this;
    }
    operator Result<>() const
    {
        if (m_refused)
            return Error{ErrorCode::InternalUnknown, u"no value for the column "_s + QLatin1StringView(m_refused)};
        return {};
    }

private:
    const char *m_refused = nullptr;
};

} // namespace

Result<> fitsTheStar(const ProjectRecord &project)
{
    return Fit().check("state", project.state == "open"_L1 || project.state == "complete"_L1 || project.state == "delivered"_L1);
}

Result<> fitsTheStar(const BatchRecord &batch)
{
    return Fit().time("created_timestamp", batch.createdMs);
}

Result<> fitsTheStar(const AttemptRecord &attempt)
{
    return Fit()
        .time("end_timestamp", attempt.endedMs)
        .duration("total_duration_ms", attempt.totalDurationMs)
        .network(attempt.surroundings.network);
}

Result<> fitsTheStar(const StageRecord &stage)
{
    return Fit()
        .check("is_successful", !stage.endedMs || stage.isSuccessful)
        .time("stage_start_timestamp", stage.startedMs)
        .time("stage_end_timestamp", stage.endedMs)
        .duration("stage_duration_ms", stage.durationMs);
}

Result<> fitsTheStar(const ErrorRecord &error)
{
    return Fit().time("error_timestamp", error.happenedMs);
}

Result<> fitsTheStar(const PhotoRecord &photo)
{
    return Fit().time("created_timestamp", photo.createdMs);
}

Result<> fitsTheStar(const HeartbeatRecord &heartbeat)
{
    return Fit().time("captured_timestamp", heartbeat.capturedMs).network(heartbeat.surroundings.network);
}

} // namespace photolift::store
