#pragma once

#include "models/vocabulary/records.h"

#include <QObject>
#include <QThread>

#include <memory>

namespace photolift::context {
class SurroundingsProbe;
}

namespace photolift::desktop {

/// Tells the footer what network there is. Lives on a thread of its own: the probe talks to D-Bus.
class NetworkWatch final : public QObject
{
    Q_OBJECT
public:
    NetworkWatch();
    ~NetworkWatch() override;
    void start(); ///< on our thread
    void stop(QThread *home); ///< on our thread: ends the probe where it was made, and goes back to `home`

Q_SIGNALS:
    void networkKnown(const photolift::NetworkFacts &network, bool isOnline);

private:
    void tell();
    std::unique_ptr<context::SurroundingsProbe> m_probe;
};

} // namespace photolift::desktop
