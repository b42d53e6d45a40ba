#pragma once

#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"

#include <stop_token>

namespace photolift::server {

/// One round through the bytes that no account has any more (removaltable.h): they leave the store, several at a time; how many have. Blocks. What the store refuses
/// is for the next round, and so is everything left when it does not answer at all. Told to stop, it ends after the removals that are under way.
int removeUnneededBytes(ObjectStore &store, DatabaseThreads &database, const std::stop_token &stop);

} // namespace photolift::server
