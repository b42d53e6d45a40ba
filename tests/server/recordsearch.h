#pragma once

#include "tests/server/apirig.h"

namespace photolift::test {

/// Each row of the answer, its columns joined with '|'. The SQL is that of models/store/dialect.h.
QStringList rowsOf(const ApiRig &rig, const QString &query);
QStringList rowsOf(const QSqlDatabase &database, const QString &query);
/// Every column of every table in which one of the words stands, in whatever case: "TABLE.COLUMN: WORD".
QStringList placesOf(const ApiRig &rig, const QStringList &words);
QStringList placesOf(const QSqlDatabase &database, const QStringList &words);

} // namespace photolift::test
