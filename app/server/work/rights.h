#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>

namespace photolift::server {

/// Sets anew what each login of PostgreSQL may do (resources/sql/postgresql/rights.sql): after each migration, as the owner of the tables.
Result<> giveRights(const QSqlDatabase &database);

} // namespace photolift::server
