#pragma once

#include "models/context/networkstate.h"
#include "models/context/rootfiles.h"

namespace photolift::context {

/// What the kernel alone says about the way out: the routing tables, the kind of the interface, /proc/net/wireless.
struct KernelNetwork {
    NetworkState state;           ///< of the interface that the default route, else any route, uses
    bool isKnown = false;         ///< a routing table could be read
    bool hasDefaultRoute = false;
    bool hasAnyRoute = false;     ///< loopback and link-local routes do not count
};

KernelNetwork readKernelNetwork(const RootFiles &files);

/// The quality of a Wi-Fi link in percent, from /proc/net/wireless.
std::optional<int> wirelessSignal(const RootFiles &files, const QString &interfaceName);

} // namespace photolift::context
