#pragma once

#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"

#include <chrono>
#include <stop_token>

namespace photolift::server {

/// Removes what nobody will come back for: open uploads untouched for `staleAfter`, leftovers in the store that no upload answers
/// for, idempotency keys after 30 days, set-aside telemetry after 14. Blocks; told to stop, it ends at its next step.
void sweep(ObjectStore &store, DatabaseThreads &database, std::chrono::milliseconds staleAfter, const std::stop_token &stop = {});

/// Of an open upload that nobody can go on with, because the store has lost its place: the next question makes a new one. Nothing when it is not open.
Result<> closeGone(Writing &writing, const QUuid &uploadId);

} // namespace photolift::server
