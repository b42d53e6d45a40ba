#pragma once

#include "models/photo/sandbox.h"
#include "models/vocabulary/result.h"

namespace photolift::server {

/// What `program` (path of photolift-photo) opens photos in here. API_SERVER_ERROR, with the cause, where there can be no sandbox and one is
/// required; builds with sanitizers have none and are let through. Blocks for a process or two; any thread.
Result<photo::Sandbox> photoSandbox(const QString &program, bool isRequired);
/// In the log: who runs the server should know which isolation photos get.
void tellIsolation(const photo::Sandbox &sandbox);

} // namespace photolift::server
