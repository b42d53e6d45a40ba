#pragma once

#include "app/server/commands/command.h"
#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// The projects of an account; each change with its audit row, in the transaction at hand. `output` gets what the command prints.
Result<> listProjects(Writing &writing, const Command &command, QByteArray &output);
Result<> setProjectState(Writing &writing, const Command &command);

} // namespace photolift::server
