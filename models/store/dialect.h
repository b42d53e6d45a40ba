#pragma once

#include <QSqlDatabase>
#include <QString>

namespace photolift::store {

enum class Engine { Sqlite, PostgreSql };
Engine engineOf(const QSqlDatabase &database);

/// One statement for both engines. It is written in SQLite's words with these marks:
///   ms(?)            a time bound as Unix ms, which SQLite stores as it is and PostgreSQL as timestamptz
///   unix_ms(NAME)    the way back, for reading
///   {...}            a piece that only PostgreSQL has, such as the partition key of a unique constraint
///   ops_dirty_day, staging_batch   tables that PostgreSQL keeps in schemas of their own
/// Only constants of the program are translated; what came from outside is bound.
QString inDialect(QString sql, Engine engine);

} // namespace photolift::store
