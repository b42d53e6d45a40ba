#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QVariantList>

namespace photolift::server {

/// Prepares, binds and runs one statement, with the code of what SQLite said when it does not work. `sql` is always a constant of
/// the program; whatever came from outside is a value.
Result<QSqlQuery> execute(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values = {});

/// Rows the statement changed.
Result<int> change(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values = {});

} // namespace photolift::server
