#pragma once

#include "app/server/http/exchange.h"

#include <chrono>

namespace photolift::server {

/// One finished request as one JSON object in the log, category photolift.server.http: request id, correlation, method, path of
/// a known route, status, bytes, duration. Never the query: it holds signatures. Thread-safe.
void logRequest(const HttpRequest &request, const Route *route, int status, qint64 bodyBytes, std::chrono::nanoseconds duration);
/// What is behind a problem+json answer: the code and the detail that the peer is not told.
void logProblem(const HttpRequest &request, int status, const Error &error);
/// Something about a request or connection that somebody should see. No names, no secrets in `what`.
void logTrouble(const HttpRequest &request, const QString &what);

} // namespace photolift::server
