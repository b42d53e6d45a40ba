#pragma once

#include "tests/faults/checker/rows.h"
#include "tests/faults/checker/verdict.h"

namespace photolift::check {

/// I4: after the outbox has drained, the rows of all clients together are the rows of the server, in every mirrored table:
/// none missing, none double, none different, no placeholder left.
Verdict sameTelemetry(const QList<Rows *> &clients, Rows &server);

} // namespace photolift::check
