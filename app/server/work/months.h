#pragma once

#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// On PostgreSQL: this month and the next have their partitions (ensure_month). By `migrate`, and then by the scheduler, so that rows go to
/// DEFAULT only when a clock is wrong. Does nothing on SQLite.
Result<> ensureMonths(const QSqlDatabase &database, qint64 nowMs);
/// The same in a transaction of a login whose statements have seconds: rows that came early or late are moved into their month, however many they are.
Result<> ensureMonthsInTime(const QSqlDatabase &database, qint64 nowMs);

} // namespace photolift::server
