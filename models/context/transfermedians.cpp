#include "models/context/transfermedians.h"

#include <algorithm>
#include <limits>

namespace photolift::context {

namespace {

constexpr qsizetype KeptSamples = 31;
constexpr qint64 MinBytesForSpeed = 64 * 1024;

void keep(QList<qint64> &samples, qint64 value)
{
    samples.append(value);
    if (samples.size() > KeptSamples)
        samples.removeFirst();
}

std::optional<qint64> median(QList<qint64> samples)
{
    if (samples.isEmpty())
        return std::nullopt;
    const auto middle = samples.begin() + samples.size() / 2;
    std::nth_element(samples.begin(), middle, samples.end());
    return *middle;
}

std::optional<int> bounded(std::optional<qint64> value)
{
    if (!value)
        return std::nullopt;
    return static_cast<int>(std::min<qint64>(*value, std::numeric_limits<int>::max()));
}

}

void TransferMedians::note(const QString &connectionId, qint64 bytes, qint64 durationMs, qint64 rttUs)
{
    Samples &samples = m_samples[connectionId];
    if (bytes >= MinBytesForSpeed && durationMs > 0)
        keep(samples.kbps, static_cast<qint64>(static_cast<double>(bytes) * 8 / static_cast<double>(durationMs)));
    if (rttUs > 0)
        keep(samples.rttUs, rttUs);
}

std::optional<int> TransferMedians::bandwidthKbps(const QString &connectionId) const
{
    return bounded(median(m_samples.value(connectionId).kbps));
}

std::optional<int> TransferMedians::latencyMs(const QString &connectionId) const
{
    const std::optional<qint64> us = median(m_samples.value(connectionId).rttUs);
    return us ? bounded((*us + 500) / 1000) : std::nullopt;
}

} // namespace photolift::context
