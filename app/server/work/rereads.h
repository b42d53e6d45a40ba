#pragma once

#include "app/server/metrics/servermetrics.h"
#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"

#include <chrono>
#include <functional>
#include <stop_token>

namespace photolift::server {

/// The regular re-read (FAULTS F42): each stored object is read to its last byte once per `pass`, in the order of the hashes. Those are spread evenly, so the time of
/// the pass that is over says up to which hash everything has to have been read. One call reads what is due by now, one object after the other, at lowest priority, and
/// notes its place (server_rereads): a kill costs a page of objects, a clock that was set back nothing, one that was set forward a pass that is early.
/// What two readings find to be other bytes, or none, is lost (ObjectTable::markLost). What the store does not give is passed over and told; of a store that answers
/// nothing no more is asked until the next call. Blocks; told to stop, it ends within the object at hand, and reads that one again.
void readAgain(ObjectStore &store, DatabaseThreads &database, std::chrono::milliseconds pass, const std::function<void(StoredCopy)> &found,
               const std::stop_token &stop = {});

} // namespace photolift::server
