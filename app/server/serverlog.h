#pragma once

namespace photolift::server {

/// From now on every Qt message is one JSON line on standard error (models/vocabulary/logline.h). A message that is itself a JSON
/// object, as the access log writes them, gives its plain values as fields of the line.
void installServerLog();

} // namespace photolift::server
