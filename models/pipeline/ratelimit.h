#pragma once

#include "models/pipeline/engine.h"

namespace photolift::pipeline {

class KeptSettings;
class QueueStateBoard;

/// How fast photos may travel: as a person set it, or for this run only. Lives on the engine's thread.
class RateLimit final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RateLimit)
public:
    RateLimit(const Services &services, KeptSettings &settings, QueueStateBoard &board);

    void apply(); ///< the settings are there, or have changed
    void set(qint64 bytesPerSecond);
    void setForNow(qint64 bytesPerSecond);

private:
    const Services m_services;
    KeptSettings &m_settings;
    QueueStateBoard &m_board;
    std::optional<qint64> m_forNow;
};

} // namespace photolift::pipeline
