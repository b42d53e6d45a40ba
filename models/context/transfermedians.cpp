#include "models/context/transfermedians.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

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

QJsonArray toJson(const QList<qint64> &samples)
{
    QJsonArray array;
    for (const qint64 value : samples)
        array.append(value);
    return array;
}

QList<qint64> samplesFrom(const QJsonValue &array)
{
    QList<qint64> samples;
    const QJsonArray values = array.toArray();
    for (const QJsonValue &value : values) {
        if (value.toInteger() > 0)
            keep(samples, value.toInteger());
    }
    return samples;
}

}

bool TransferMedians::note(const QString &connectionId, qint64 bytes, qint64 durationMs, qint64 rttUs)
{
    const bool saysSpeed = bytes >= MinBytesForSpeed && durationMs > 0;
    Samples &samples = m_samples[connectionId];
    if (saysSpeed)
        keep(samples.kbps, static_cast<qint64>(static_cast<double>(bytes) * 8 / static_cast<double>(durationMs)));
    if (rttUs > 0)
        keep(samples.rttUs, rttUs);
    return saysSpeed || rttUs > 0;
}

QByteArray TransferMedians::kept(const QString &connectionId) const
{
    const Samples samples = m_samples.value(connectionId);
    return QJsonDocument(QJsonObject{{u"kbps"_s, toJson(samples.kbps)}, {u"rtt_us"_s, toJson(samples.rttUs)}}).toJson(QJsonDocument::Compact);
}

void TransferMedians::recall(const QString &connectionId, const QByteArray &kept)
{
    const QJsonObject object = QJsonDocument::fromJson(kept).object();
    m_samples[connectionId] = {samplesFrom(object["kbps"_L1]), samplesFrom(object["rtt_us"_L1])};
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
