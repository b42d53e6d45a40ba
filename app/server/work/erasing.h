#pragma once

#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// Phase two for people who were erased a day ago (erasuretable.h): their own names, and their photos and whatever came meanwhile are withdrawn. Before the
/// round removes what was withdrawn. Blocks; what fails waits for the next round, as below.
void beginErasures(DatabaseThreads &database, qint64 nowMs);

/// The names of whatever they told that is no photo, nor about to be one. Behind it.
void purgeNamesOfErased(DatabaseThreads &database, const std::stop_token &stop, qint64 nowMs);

} // namespace photolift::server
