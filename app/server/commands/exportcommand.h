#pragma once

#include "app/server/commands/command.h"
#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// `user export NAME --into FOLDER`: everything the records hold of a person, one file of JSON Lines for each kind, and the originals of their photos, each
/// compared with its SHA-256 while it is written. The folder is made (0700, files 0600) and may not exist, unless an export of the same person was
/// ended there in the middle: then it goes on. Nothing else is ever replaced. How far it is goes to standard error. Fails when an original is missing or
/// damaged, after all others are there.
Result<> exportPerson(DatabaseThreads &database, ObjectStore &store, const Command &command, QByteArray &output);

} // namespace photolift::server
