#pragma once

#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"

#include <algorithm>
#include <optional>
#include <stop_token>

namespace photolift::server {

/// Between the two phases of what a person takes away (photos, an erasure): so long it can be taken back.
constexpr qint64 PurgeGraceMs = 24LL * 3600 * 1000;
/// What a rule asks for is marked by one round and removed by another, an hour later each at worst, with half an hour for the rounds themselves: so
/// the time of its second phase comes this long after its days were over, and it is gone 24 h after them.
constexpr qint64 PurgeAfterDueMs = (22LL * 60 + 30) * 60 * 1000;
/// But so long it can be taken back in any case, also when the rounds come late (the server was off) or the rule is new: then it is gone later.
constexpr qint64 PurgeUndoMs = 21LL * 3600 * 1000;

/// When the second phase is of what was due then, and is marked now. Within a day after the clock was set (serverclock.h) a whole day from now:
/// a wrong clock has to be set right in that time.
constexpr qint64 purgeTime(qint64 dueMs, qint64 nowMs, bool isClockSteady)
{
    return std::max(dueMs + PurgeAfterDueMs, nowMs + (isClockSteady ? PurgeUndoMs : PurgeGraceMs));
}

/// One round of what the rules of the projects ask for (retentiontable.h), people who remove their photos (withdrawaltable.h) and people who are erased (erasing.h): marks what is
/// overdue, removes what was withdrawn PurgeGraceMs ago or marked for this time (purgeTime), and from the store whatever bytes nobody has any more. Blocks. What a round cannot do, the next one does. `backupsKeptDays` is recorded beside
/// what it removes. Told to stop, it ends at its next step.
void purge(ObjectStore &store, DatabaseThreads &database, std::optional<int> backupsKeptDays = {}, const std::stop_token &stop = {});

} // namespace photolift::server
