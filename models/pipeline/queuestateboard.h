#pragma once

#include "models/pipeline/engineparts.h"

namespace photolift::pipeline
{

/// How the queue as a whole stands, said at most four times a second: what holds it, what is left, how fast it goes.
/// Conditions that heal by themselves are kept back until they have lasted for their time (FAULTS 2). Lives on the
/// engine's thread.
class QueueStateBoard final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(QueueStateBoard)
public:
    QueueStateBoard(const Services &services, const Tuning &tuning, EngineParts &parts, QObject *parent);

    void setPaused(bool isPaused, bool isChanging);
    void setMetered(bool isMetered); ///< and therefore paused
    void setRateLimit(qint64 bytesPerSecond);
    void changeSoon();

Q_SIGNALS:
    void changed(const photolift::pipeline::QueueState &state);

private:
    struct Condition {
        ErrorCode code;
        std::optional<qint64> nextTryMs;
    };
    std::optional<Condition> condition() const;
    bool isQuiet(std::optional<ErrorCode> code);
    qint64 bytesLeft() const;
    void publish();

    const Services m_services;
    const Tuning m_tuning;
    EngineParts &m_parts;
    QTimer m_soon;
    QTimer m_quiet;                       ///< until a condition is told
    std::optional<ErrorCode> m_condition; ///< that stands now
    QElapsedTimer m_since;                ///< since when
    qint64 m_rateLimit = 0;
    store::WorkList::Load m_notSent; ///< as last read
    bool m_isPaused = false;
    bool m_isPauseChanging = false;
    bool m_isMetered = false;
};

} // namespace photolift::pipeline
