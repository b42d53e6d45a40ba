#pragma once

#include "app/server/commands/command.h"
#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// Queues the photos of one command, a thousand in a transaction. Once more after it was ended in the middle it goes on
/// where it was, and while photos of it wait it queues no second run of the same. `output` gets what the command
/// prints: the run, what was queued, what remains.
Result<> reprocess(DatabaseThreads &database, const Command &command, QByteArray &output);
/// One line for each run, the newest first, at most 100.
Result<> listReprocessing(Writing &writing, const Command &command, QByteArray &output);

} // namespace photolift::server
