#pragma once

#include "app/cli/commandline.h"

namespace photolift::cli {

/// The commands that need neither a lock nor a server. Blocking; each gives the exit code.
int showAttempts(const AttemptsOptions &options);
int inspectFiles(const InspectOptions &options);
/// `upload --dry-run`: walks and judges, sends nothing, writes nothing.
int dryRun(const UploadOptions &options);

} // namespace photolift::cli
