#include "models/pipeline/progresssampler.h"

namespace photolift::pipeline {

namespace {
constexpr qint64 SmoothMs = 30'000;
constexpr qint64 SteadyMs = 10'000;
}

ProgressSampler::ProgressSampler(const Workshop &workshop, Scheduler &scheduler, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_scheduler(scheduler)
{
    m_clock.start();
    m_timer.setInterval(workshop.tuning.progressMs);
    connect(&m_timer, &QTimer::timeout, this, &ProgressSampler::sample);
    m_timer.start();
}

qint64 ProgressSampler::bytesPerSecond() const
{
    if (m_samples.size() < 2)
        return 0;
    const qint64 elapsed = m_samples.back().timeMs - m_samples.front().timeMs;
    return elapsed > 0 ? (m_samples.back().totalBytes - m_samples.front().totalBytes) * 1000 / elapsed : 0;
}

bool ProgressSampler::isSteady() const
{
    return m_samples.size() > 1 && m_samples.back().timeMs - m_samples.front().timeMs >= SteadyMs && bytesPerSecond() > 0;
}

void ProgressSampler::sample()
{
    QList<ItemProgress> items;
    QHash<QUuid, ItemProgress> moving;
    for (AttemptRunner *runner : m_scheduler.runners()) {
        const ItemProgress before = m_moving.value(runner->item().itemId);
        if (runner->hasSlot()) {
            const ItemProgress now = progressOf(*runner, before);
            moving.insert(now.itemId, now);
            items.append(now);
        } else if (!before.itemId.isNull()) { // parked since: nobody may go on showing its last speed
            items.append(before);
            items.last().bytesPerSecond = 0;
        }
    }
    const bool hasMoved = !m_moving.isEmpty();
    m_moving = moving;
    noteTotal();
    if (hasMoved || !m_moving.isEmpty())
        Q_EMIT sampled(items);
}

ItemProgress ProgressSampler::progressOf(const AttemptRunner &runner, const ItemProgress &before) const
{
    ItemProgress progress;
    progress.itemId = runner.item().itemId;
    progress.stage = runner.stage();
    progress.totalBytes = runner.item().identity.size;
    progress.sentBytes = std::min(progress.totalBytes, runner.ackedBytes() + m_workshop.dataPlane.sentBytes(runner.id()));
    const qint64 rate = std::max<qint64>(0, progress.sentBytes - before.sentBytes) * 1000 / std::max(1, m_timer.interval());
    progress.bytesPerSecond = (before.bytesPerSecond * 3 + rate) / 4;
    return progress;
}

void ProgressSampler::noteTotal()
{
    if (m_moving.isEmpty()) {
        m_samples.clear();
        return;
    }
    const qint64 now = m_clock.elapsed();
    m_samples.push_back({now, m_workshop.dataPlane.totalSentBytes()});
    while (m_samples.front().timeMs < now - SmoothMs)
        m_samples.pop_front();
}

} // namespace photolift::pipeline
