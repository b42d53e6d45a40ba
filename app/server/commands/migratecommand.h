#pragma once

#include "models/store/postgresaddress.h"
#include "models/vocabulary/result.h"

namespace photolift::server {

/// Makes or upgrades the tables, sets what each login may do, and makes the months at hand, as the owner of the tables. A statement takes as long as it
/// takes. What others hold is waited for a moment at a time, so that nobody queues up behind us for long, and again for up to an hour: standard error says
/// then who holds locks. Each step is whole or not done; the same again goes on.
Result<> migrateAsOwner(store::PostgresAddress owner);

} // namespace photolift::server
