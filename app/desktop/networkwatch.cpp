#include "app/desktop/networkwatch.h"

#include "models/context/surroundingsprobe.h"

namespace photolift::desktop {

NetworkWatch::NetworkWatch() = default;
NetworkWatch::~NetworkWatch() = default;

void NetworkWatch::start()
{
    m_probe = std::make_unique<context::SurroundingsProbe>(context::SurroundingsProbe::Sources{});
    connect(m_probe.get(), &context::SurroundingsProbe::networkChanged, this, &NetworkWatch::tell);
    tell();
}

void NetworkWatch::stop(QThread *home)
{
    m_probe.reset();
    moveToThread(home);
}

void NetworkWatch::tell()
{
    // Asked as for a server elsewhere: the footer names the network of this device, also when the photos stay on it.
    Q_EMIT networkKnown(m_probe->current(false).network, m_probe->isOnline());
}

} // namespace photolift::desktop
