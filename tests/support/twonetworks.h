#pragma once

#include "tests/support/privatebus.h"

namespace photolift::support {

/// NetworkManager on a bus of the test's own, with two connections, "phone" and "hotel", which may be metered or not.
class TwoNetworks
{
public:
    bool start();
    /// One of the two becomes the connection in use.
    bool use(const QString &name, bool isMetered);
    QString busAddress() const { return m_bus.address(); }

private:
    PrivateBus m_bus;
};

} // namespace photolift::support
