#pragma once

#include "app/server/work/databasethreads.h"
#include "app/server/work/detaildays.h"

#include <stop_token>

namespace photolift::server {

/// One round: stages and errors of months that have had their days leave, on PostgreSQL by whole partitions (020_trims.sql), on SQLite and where there is
/// no partition a few rows at a time, so that nobody waits long for either. What left is in server_trims. It is as late as purge() last found it, which looks at the clock:
/// nothing leaves before the clock has been right for a day. Blocks; told to stop, it ends at its next step. What a round cannot do, or was killed over, the next one does; rows that
/// come late for a month that has left are taken like all others, and leave with a later round.
void trimDetails(DatabaseThreads &database, const DetailDays &days, const std::stop_token &stop = {});

} // namespace photolift::server
