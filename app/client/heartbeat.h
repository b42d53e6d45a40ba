#pragma once

#include "models/vocabulary/records.h"

#include <QObject>
#include <QTimer>

namespace photolift::context {
class SurroundingsProbe;
}
namespace photolift::store {
class Archive;
class Recorder;
}

namespace photolift::client {

/// Says every 15 minutes, at the start and at the stop that this client lives, with numbers only: the queue by state, the oldest
/// wait, the depth of the outbox, free disk, battery. A silent client is seen by what is missing. Lives on the engine's thread.
class Heartbeat final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Heartbeat)
public:
    /// Owns none of them; they outlive it.
    Heartbeat(store::Recorder &recorder, store::Archive &archive, const context::SurroundingsProbe &probe, QString dataFolder,
              bool isEmbeddedServer, QObject *parent = nullptr);

    void start();
    /// The last beat of this run; written before the recorder closes.
    void stop();

private:
    void beat(bool isStart = false);
    void record(QJsonObject metrics);

    store::Recorder &m_recorder;
    store::Archive &m_archive;
    const context::SurroundingsProbe &m_probe;
    const QString m_dataFolder;
    const bool m_isEmbeddedServer;
    QTimer m_timer;
    QJsonObject m_queueMetrics; ///< of the last look: the stop does not wait for another
};

} // namespace photolift::client
