#pragma once

namespace photolift::server {

/// How the programs of this server end.
enum ExitCode { Fine = 0, Failed = 1, Usage = 2, InUse = 4, Unsound = 5 };

} // namespace photolift::server
