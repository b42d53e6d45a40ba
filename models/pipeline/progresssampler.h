#pragma once

#include "models/pipeline/scheduler.h"

#include <deque>

namespace photolift::pipeline {

/// Looks a few times a second at what moves: bytes of each photo, and the speed of all together, smoothed over 30 s.
class ProgressSampler final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ProgressSampler)
public:
    ProgressSampler(const Workshop &workshop, Scheduler &scheduler, QObject *parent);

    qint64 bytesPerSecond() const; ///< 0 as soon as nothing moves any more
    /// True after ten seconds in which data moved: then a time left can be said.
    bool isSteady() const;

Q_SIGNALS:
    /// What moves; and once more, with speed 0, what no longer does but is still under way here. Empty when the last one left.
    void sampled(const QList<photolift::pipeline::ItemProgress> &items);

private:
    struct Sample {
        qint64 timeMs = 0;
        qint64 totalBytes = 0;
    };
    void sample();
    ItemProgress progressOf(const AttemptRunner &runner, const ItemProgress &before) const;
    void noteTotal();

    const Workshop &m_workshop;
    Scheduler &m_scheduler;
    QTimer m_timer;
    QElapsedTimer m_clock;
    std::deque<Sample> m_samples;
    QHash<QUuid, ItemProgress> m_moving; ///< as last said
};

} // namespace photolift::pipeline
