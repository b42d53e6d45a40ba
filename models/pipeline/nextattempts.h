#pragma once

#include "models/pipeline/missingsources.h"
#include "models/pipeline/workshop.h"
#include "models/store/worklist.h"

#include <QTimer>

#include <map>

namespace photolift::pipeline {

class Scheduler;

/// Photos between two attempts: those whose next attempt comes by itself after a while, and those whose file was missing and is back.
/// When the time has come they are queued again.
/// Lives on the engine's thread.
class NextAttempts final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NextAttempts)
public:
    NextAttempts(const Workshop &workshop, store::WorkList &workList, const Scheduler &scheduler, QObject *parent);

    void start(const QList<store::Item> &waiting); ///< left by an earlier run
    void noteEnded(const store::Item &item);       ///< an attempt ended in this state
    void allNow();                                 ///< the network changed, or a person asks
    void queueAgain(const QList<store::Item> &items);

Q_SIGNALS:
    void queuedAgain();

private:
    void schedule(const QUuid &itemId, qint64 delayMs);
    void due();

    const Workshop &m_workshop;
    store::WorkList &m_workList;
    const Scheduler &m_scheduler;
    std::multimap<qint64, QUuid> m_byTime; ///< monotonic ms
    QElapsedTimer m_clock;
    QTimer m_timer;
    MissingSources m_sources;
};

} // namespace photolift::pipeline
