#pragma once

#include "app/server/commands/command.h"
#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// Every device that ever said it lives, the most silent one first; with its audit row. `output` gets what the command prints.
Result<> listDevices(Writing &writing, const Command &command, QByteArray &output);

} // namespace photolift::server
