#pragma once

#include "app/server/http/exchange.h"

namespace photolift::server {

/// The answer for what did not work on the server: its HTTP status, the code as a client may see it (the server's own disk and
/// database are not the client's), a Retry-After where waiting helps. The detail goes to the log.
HttpResponse refusal(const Error &error, const HttpRequest &request);
/// 400, for a request that could not be read, or lacks what every such request has.
HttpResponse malformed(const Error &error, const HttpRequest &request);
/// Too much waits already, or the server is about to end.
HttpResponse overloaded(const HttpRequest &request);
/// The id in the path, of an upload or a project; a null id when it is none.
QUuid idOf(const HttpRequest &request);

} // namespace photolift::server
