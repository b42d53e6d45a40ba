#pragma once

#include "models/context/rootfiles.h"
#include "models/vocabulary/records.h"

namespace photolift::context {

/// This computer, from DMI or the device tree, /proc and /etc. Reads files, asks nobody; what they do not say stays unknown.
DeviceFacts readDeviceFacts(const RootFiles &files);

/// This program: version, build and platform, fixed when it was built.
AppVersionFacts appVersionFacts();

} // namespace photolift::context
