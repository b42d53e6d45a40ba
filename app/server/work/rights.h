#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>

namespace photolift::server {

/// Sets anew what each login of PostgreSQL may do (resources/sql/postgresql/rights.sql): after each migration, as the owner of the tables. All of it or
/// nothing. It needs most tables for a moment, all to itself: beside servers that write it may end with store::isConflict() and has to come again.
Result<> giveRights(const QSqlDatabase &database);

} // namespace photolift::server
