#pragma once

#include "app/server/http/exchange.h"

#include <QSqlDatabase>

namespace photolift::server {

/// Idempotency keys (FAULTS 6, M1): a request that comes a second time under its key has to have the same body. Our answers can be
/// worked out again from what the first one wrote, so that only the body's hash is kept.
enum class KeyUse { First, Repeated };

/// Whether there is a key, of a length that can be kept.
bool hasRequestKey(const HttpRequest &request);
/// API_REQUEST_REFUSED when the key is known with another body or another path. In a write transaction.
Result<KeyUse> useRequestKey(const QSqlDatabase &database, const HttpRequest &request, qint64 nowMs);

} // namespace photolift::server
