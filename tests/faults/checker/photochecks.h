#pragma once

#include "tests/faults/checker/rows.h"
#include "tests/faults/checker/snapshot.h"
#include "tests/faults/checker/storedobjects.h"

namespace photolift::check {

/// I1: every item a client shows as safe has an object with the bytes of its source, and was verified and validated.
Verdict nothingLost(const QList<Rows *> &clients, StoredObjects &objects, const Snapshot &sources);
/// I2: every attempt that any database calls a success is one. `isListAnew`: a client's list was damaged and made anew. What its stages were
/// nobody can tell any more of attempts that only the server knows; their bytes have to be there all the same.
Verdict noFalseSuccess(const QList<Rows *> &clients, Rows &server, StoredObjects &objects, bool isListAnew = false);
/// I3: one asset per account, bytes and slot; no bytes sent twice for one.
Verdict noDuplicates(Rows &server);

} // namespace photolift::check
