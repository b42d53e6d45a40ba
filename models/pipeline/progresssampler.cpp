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
    const qint64 now = m_clock.elapsed();
    if (m_scheduler.active() == 0) {
        m_samples.clear();
        m_rates.clear();
        return;
    }
    m_samples.push_back({now, m_workshop.dataPlane.totalSentBytes()});
    while (m_samples.front().timeMs < now - SmoothMs)
        m_samples.pop_front();

    QList<ItemProgress> items;
    QHash<QUuid, ItemRate> rates;
    for (AttemptRunner *runner : m_scheduler.runners()) {
        if (!runner->hasSlot())
            continue;
        ItemProgress progress;
        progress.itemId = runner->item().itemId;
        progress.stage = runner->stage();
        progress.totalBytes = runner->item().identity.size;
        progress.sentBytes = std::min(progress.totalBytes, runner->ackedBytes() + m_workshop.dataPlane.sentBytes(runner->id()));
        const ItemRate before = m_rates.value(progress.itemId);
        const qint64 rate = std::max<qint64>(0, progress.sentBytes - before.bytes) * 1000 / std::max(1, m_timer.interval());
        progress.bytesPerSecond = (before.bytesPerSecond * 3 + rate) / 4;
        rates.insert(progress.itemId, {progress.sentBytes, progress.bytesPerSecond});
        items.append(progress);
    }
    m_rates = rates;
    if (!items.isEmpty())
        Q_EMIT sampled(items);
}

} // namespace photolift::pipeline
