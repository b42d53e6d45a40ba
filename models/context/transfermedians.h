#pragma once

#include <QHash>
#include <QList>
#include <QString>

#include <optional>

namespace photolift::context {

/// What a connection usually does: the medians of the last measurements of each. A median, because one stall or one burst out of
/// a cache says nothing about the connection.
class TransferMedians
{
public:
    /// Too few bytes to know a speed, or no time, leave the bandwidth as it is; rttUs <= 0 leaves the latency. False: nothing was learned.
    bool note(const QString &connectionId, qint64 bytes, qint64 durationMs, qint64 rttUs);
    /// The measurements of a connection as JSON, for who keeps them while the program is off.
    QByteArray kept(const QString &connectionId) const;
    /// What kept() gave, before anything is noted of this connection; what is not of ours is passed over.
    void recall(const QString &connectionId, const QByteArray &kept);
    std::optional<int> bandwidthKbps(const QString &connectionId) const;
    std::optional<int> latencyMs(const QString &connectionId) const;

private:
    struct Samples {
        QList<qint64> kbps;
        QList<qint64> rttUs;
    };
    QHash<QString, Samples> m_samples;
};

} // namespace photolift::context
