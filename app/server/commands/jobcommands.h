#pragma once

#include "app/server/commands/command.h"
#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// The workers' queue. `output` gets what the command prints.

/// One line for each job, the oldest first, at most 1,000 and how many more: upload, attempt (the correlation id of all logs), the stage
/// to do next, its tries and last error, since when it waits, who holds it. Behind them what has failed of `reprocess`, and what of each run waits.
Result<> listJobs(Writing &writing, const Command &command, QByteArray &output);
/// One job (the name is its upload), what of a run of `reprocess` has failed (the name is the run), or with the name `all` each that has failed at least once: nobody's any more, so that whoever looks next
/// does it at once, whatever pause it was in. What is being done at that moment is done again.
Result<> retryJobs(Writing &writing, const Command &command, QByteArray &output);

} // namespace photolift::server
