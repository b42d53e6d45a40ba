#pragma once

#include "tests/faults/checker/rows.h"
#include "tests/faults/checker/verdict.h"

namespace photolift::check {

/// I4: after the outbox has drained, the rows of all clients together are the rows of the server, in every mirrored table:
/// none missing, none double, none different, no placeholder left. `isListAnew`: a client's list was damaged and made anew; what only
/// the server has is of the lost one.
Verdict sameTelemetry(const QList<Rows *> &clients, Rows &server, bool isListAnew = false);

} // namespace photolift::check
