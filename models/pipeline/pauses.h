#pragma once

#include "models/pipeline/engine.h"

#include <QHash>

#include <optional>

namespace photolift::pipeline {

class QueueStateBoard;
class Scheduler;

/// What keeps the queue waiting though nothing is wrong: a person's pause, of everything or of one drop, which survives a restart, and
/// a metered network, of which a person may say "upload anyway". Lives on the engine's thread.
class Pauses final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Pauses)
public:
    Pauses(const Services &services, Scheduler &scheduler, QueueStateBoard &board);

    /// As the run before left them.
    void takeUp(const QHash<QString, QString> &settings);
    void pauseAll() { setPaused(true); }
    /// What a person paused; where nobody did and a metered network pauses, goes on over this connection for the rest of the run.
    void resumeAll();
    void setBatchPaused(const QUuid &batchId, bool isPaused);
    void lookAtNetwork() { apply(); } ///< it changed

private:
    bool isHeldByMeter() const;
    void setPaused(bool isPaused);
    void apply();

    const Services m_services;
    Scheduler &m_scheduler;
    QueueStateBoard &m_board;
    std::optional<QString> m_paidConnection; ///< metered, and somebody said "upload anyway"
    bool m_isPaused = false;                 ///< by a person
};

} // namespace photolift::pipeline
