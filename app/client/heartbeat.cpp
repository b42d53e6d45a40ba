#include "app/client/heartbeat.h"

#include "models/context/surroundingsprobe.h"
#include "models/store/archive.h"
#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

#include <QStorageInfo>

#include <chrono>

using namespace Qt::StringLiterals;

namespace photolift::client {

namespace {
constexpr std::chrono::minutes Pace(15);

QJsonObject queueMetrics(const QList<store::BatchView> &batches)
{
    qint64 waiting = 0;
    qint64 moving = 0;
    qint64 needsYou = 0;
    qint64 oldest = 0;
    for (const store::BatchView &view : batches) {
        waiting += view.waiting;
        moving += view.moving;
        needsYou += view.needsYou;
        if (view.waiting > 0)
            oldest = std::max(oldest, nowMs() - view.batch.createdMs);
    }
    return {{u"queue_waiting"_s, waiting},
            {u"queue_running"_s, moving},
            {u"queue_needs_you"_s, needsYou},
            {u"oldest_wait_ms"_s, oldest}};
}
}

Heartbeat::Heartbeat(store::Recorder &recorder, store::Archive &archive, const context::SurroundingsProbe &probe, QString dataFolder,
                     bool isEmbeddedServer, QObject *parent)
    : QObject(parent)
    , m_recorder(recorder)
    , m_archive(archive)
    , m_probe(probe)
    , m_dataFolder(std::move(dataFolder))
    , m_isEmbeddedServer(isEmbeddedServer)
{
    m_timer.setInterval(Pace);
    connect(&m_timer, &QTimer::timeout, this, [this] { beat(); });
}

void Heartbeat::start()
{
    beat(true);
    m_timer.start();
}

void Heartbeat::stop()
{
    m_timer.stop();
    QJsonObject metrics = m_queueMetrics;
    metrics.insert(u"is_stop"_s, 1);
    record(metrics);
}

void Heartbeat::beat(bool isStart)
{
    whenDone(m_archive.batches(true), this, [this, isStart](const Result<QList<store::BatchView>> &batches) {
        if (batches)
            m_queueMetrics = queueMetrics(*batches);
        whenDone(m_recorder.outbox().depth(), this, [this, isStart](const Result<qint64> &depth) {
            QJsonObject metrics = m_queueMetrics;
            if (isStart)
                metrics.insert(u"is_start"_s, 1);
            if (depth)
                metrics.insert(u"outbox_depth"_s, *depth);
            record(metrics);
        });
    });
}

void Heartbeat::record(QJsonObject metrics)
{
    const QJsonObject device = m_probe.deviceMetrics();
    for (auto value = device.constBegin(); value != device.constEnd(); ++value)
        metrics.insert(value.key(), value.value());
    metrics.insert(u"free_disk_mb"_s, QStorageInfo(m_dataFolder).bytesAvailable() / 1'000'000);

    HeartbeatRecord heartbeat;
    heartbeat.capturedMs = nowMs();
    heartbeat.heartbeatId = newUuid7(heartbeat.capturedMs);
    heartbeat.surroundings = m_probe.current(m_isEmbeddedServer);
    heartbeat.metrics = metrics;
    m_recorder.record({store::HeartbeatTaken{heartbeat}});
}

} // namespace photolift::client
