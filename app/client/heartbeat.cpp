#include "app/client/heartbeat.h"

#include "models/context/surroundingsprobe.h"
#include "models/store/archive.h"
#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

#include <QStorageInfo>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::client {

namespace {
QJsonObject queueMetrics(const store::QueueFigures &queue)
{
    return {{u"queue_waiting"_s, queue.waiting},
            {u"queue_waiting_to_retry"_s, queue.waitingToRetry},
            {u"queue_paused"_s, queue.paused},
            {u"queue_running"_s, queue.running},
            {u"queue_needs_you"_s, queue.needsYou},
            {u"oldest_wait_ms"_s, queue.oldestMs ? std::max<qint64>(0, nowMs() - *queue.oldestMs) : 0}};
}
}

Heartbeat::Heartbeat(store::Recorder &recorder, store::Archive &archive, const context::SurroundingsProbe &probe, QString dataFolder,
                     bool isEmbeddedServer, std::chrono::milliseconds pace, QObject *parent)
    : QObject(parent)
    , m_recorder(recorder)
    , m_archive(archive)
    , m_probe(probe)
    , m_dataFolder(std::move(dataFolder))
    , m_isEmbeddedServer(isEmbeddedServer)
{
    m_timer.setInterval(pace);
    connect(&m_timer, &QTimer::timeout, this, [this] { beat(Beat::Between); });
}

void Heartbeat::start()
{
    beat(Beat::AtStart);
    m_timer.start();
}

void Heartbeat::stop()
{
    m_timer.stop();
    beat(Beat::AtStop);
}

void Heartbeat::beat(Beat which)
{
    whenDone(m_archive.queueFigures(), this, [this, which](const Result<store::QueueFigures> &queue) {
        const QJsonObject metrics = queue ? queueMetrics(*queue) : QJsonObject();
        whenDone(m_recorder.outbox().depth(), this, [this, which, metrics](const Result<qint64> &depth) {
            QJsonObject all = metrics;
            if (which == Beat::AtStart)
                all.insert(u"is_start"_s, 1);
            if (which == Beat::AtStop)
                all.insert(u"is_stop"_s, 1);
            if (depth)
                all.insert(u"outbox_depth"_s, *depth);
            record(all);
            if (which == Beat::AtStop)
                Q_EMIT stopped();
        });
    });
}

/// Beats are told apart and ordered by their time, and two may be asked for one after the other and be known in the same millisecond. A clock that
/// was put back is told as it is.
qint64 Heartbeat::nextMoment()
{
    constexpr qint64 BesideEachOther = 1000;
    const qint64 now = nowMs();
    m_lastMs = now <= m_lastMs && m_lastMs - now < BesideEachOther ? m_lastMs + 1 : now;
    return m_lastMs;
}

void Heartbeat::record(QJsonObject metrics)
{
    const QJsonObject device = m_probe.deviceMetrics();
    for (auto value = device.constBegin(); value != device.constEnd(); ++value)
        metrics.insert(value.key(), value.value());
    metrics.insert(u"free_disk_mb"_s, QStorageInfo(m_dataFolder).bytesAvailable() / 1'000'000);

    HeartbeatRecord heartbeat;
    heartbeat.capturedMs = nextMoment();
    heartbeat.heartbeatId = newUuid7(heartbeat.capturedMs);
    heartbeat.surroundings = m_probe.current(m_isEmbeddedServer);
    heartbeat.metrics = metrics;
    m_recorder.record({store::HeartbeatTaken{heartbeat}});
}

} // namespace photolift::client
