#pragma once

#include <QSqlDatabase>

namespace photolift::store {

/// PostgreSQL lets everybody who logs in make large objects, write into its log and hold locks that servers wait for, until its administrator takes that
/// away (packaging/server/photolift-database.sql). Logs a warning with the names of the functions that are still everybody's. Says nothing on SQLite.
void warnOfOpenFunctions(const QSqlDatabase &database);

} // namespace photolift::store
