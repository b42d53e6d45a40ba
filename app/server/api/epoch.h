#pragma once

#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// The name of what these records are, made at their first start: clients that meet another one than before tell again what they told last,
/// for a database that was put back from a copy has lost it. PostgreSQL's own marks show that: another cluster (a dump read into it), another
/// database (restored beside the old one), another timeline (a standby took over, or its files were set back). SQLite has none: its epoch
/// is that of the file, wherever it is copied to.
Result<QString> epochOf(DatabaseThreads &database);

} // namespace photolift::server
