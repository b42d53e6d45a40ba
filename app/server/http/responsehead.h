#pragma once

#include "app/server/http/exchange.h"

#include <QByteArray>

namespace photolift::server {

/// The status line and fields of an answer as bytes, ready for the wire, with the fields every answer carries. Pure but for `unixSeconds`.
/// A field that is not plain text is left out: nothing a handler took from a person can start a line of its own.
QByteArray responseHead(const HttpResponse &response, const QString &requestId, bool isKept, qint64 unixSeconds);

} // namespace photolift::server
