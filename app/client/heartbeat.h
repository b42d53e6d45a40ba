#pragma once

#include "models/vocabulary/records.h"

#include <QObject>
#include <QTimer>

#include <chrono>

namespace photolift::context {
class SurroundingsProbe;
}
namespace photolift::store {
class Archive;
class Recorder;
}

namespace photolift::client {

/// Says every 15 minutes, at the start and at the stop that this client lives, with numbers only: the queue by status, the oldest
/// wait, the depth of the outbox, free disk, battery, as they are at that moment. A silent client is seen by what is missing. Lives on the engine's thread.
class Heartbeat final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Heartbeat)
public:
    /// Owns none of them; they outlive it.
    Heartbeat(store::Recorder &recorder, store::Archive &archive, const context::SurroundingsProbe &probe, QString dataFolder,
              bool isEmbeddedServer, std::chrono::milliseconds pace = std::chrono::minutes(15), QObject *parent = nullptr);

    std::chrono::milliseconds pace() const { return m_timer.intervalAsDuration(); }
    void start();
    /// The last beat of this run; stopped() once it was given to the recorder.
    void stop();

Q_SIGNALS:
    void stopped();

private:
    enum class Beat { AtStart, Between, AtStop };
    void beat(Beat which);
    void record(QJsonObject metrics);
    qint64 nextMoment(); ///< Unix milliseconds

    store::Recorder &m_recorder;
    store::Archive &m_archive;
    const context::SurroundingsProbe &m_probe;
    const QString m_dataFolder;
    const bool m_isEmbeddedServer;
    qint64 m_lastMs = 0;
    QTimer m_timer;
};

} // namespace photolift::client
