#pragma once

#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"

#include <optional>

namespace photolift::server {

/// Between the two phases of a purge: so long it can be taken back.
constexpr qint64 PurgeGraceMs = 24LL * 3600 * 1000;

/// One round of what the rules of the projects ask for (retentiontable.h), people who remove their photos (withdrawaltable.h) and people who are erased (erasing.h): marks what is
/// overdue, removes what was marked or withdrawn PurgeGraceMs ago, and from the store whatever bytes nobody has any more. Blocks. What a round cannot do, the next one does. `backupsKeptDays` is recorded beside
/// what it removes.
void purge(ObjectStore &store, DatabaseThreads &database, std::optional<int> backupsKeptDays = {});

} // namespace photolift::server
