#pragma once

#include "app/server/work/databasethreads.h"

#include <stop_token>

namespace photolift::server {

/// One round on attempts that have had their days: those leave, with their rows of dim_photos, that nothing needs any more. An attempt stays as long as a photo is there that
/// it brought (by it the photo is found by whoever removes, exports or filters it), as long as it is under way, and as long as one of its stages or errors is
/// there. What a batch has received still counts (server_arrived). Most attempts of most organisations stay, so all are looked at only once for each
/// month that has had its days, and once more when months no longer wait for their aggregates. Blocks; a thousand in a transaction; told to stop, it ends
/// behind the one at hand.
void trimAttempts(DatabaseThreads &database, const std::stop_token &stop, int days, bool isWaitingForMarts, qint64 nowMs);

} // namespace photolift::server
