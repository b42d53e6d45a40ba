#pragma once

#include "app/server/commands/command.h"

namespace photolift::server {

/// Everything but serving: does it and returns the exit code. What a command gives goes to standard output, nothing else does.
int runCommand(const Command &command, const ServerConfig &config);

} // namespace photolift::server
