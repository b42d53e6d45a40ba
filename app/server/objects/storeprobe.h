#pragma once

#include "app/server/http/exchange.h"
#include "app/server/objects/objectstore.h"

namespace photolift::server {

/// FAULTS C-12 for a store whose door is in this process: an upload of its own is tried with every shape of request that must be
/// refused, then with the right one, twice, re-read and taken away. STORAGE_NOT_READY names the case that failed.
Result<> probeStore(ObjectStore &store, const SinkMaker &door);

} // namespace photolift::server
