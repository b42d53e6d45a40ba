#pragma once

#include "models/pipeline/engine.h"

#include <optional>

namespace photolift::pipeline {

class KeptSettings;
class QueueStateBoard;
class Scheduler;

/// What keeps the queue waiting though nothing is wrong: a person's pause, of everything or of one drop, which survives a restart, and
/// a metered network, of which a person may say "upload anyway". A pause holds at once, a resume when it is on disk. Lives on the engine's thread.
class Pauses final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Pauses)
public:
    Pauses(const Services &services, KeptSettings &settings, Scheduler &scheduler, QueueStateBoard &board);

    void takeUp(); ///< as the run before left them
    void pauseAll();
    /// What a person paused; where nobody did and a metered network pauses, goes on over this connection for the rest of the run.
    void resumeAll();
    void setBatchPaused(const QUuid &batchId, bool isPaused);
    void lookAtNetwork() { apply(); } ///< it changed

private:
    bool isHeldByMeter() const;
    bool isMeant(const QString &setting) const;
    void settingChanged(const QString &setting);
    void apply();

    const Services m_services;
    KeptSettings &m_settings;
    Scheduler &m_scheduler;
    QueueStateBoard &m_board;
    std::optional<QString> m_paidConnection; ///< metered, and somebody said "upload anyway"
};

} // namespace photolift::pipeline
