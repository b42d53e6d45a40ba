#pragma once

#include <QString>
#include <QStringList>

namespace photolift::store {

/// The statements of an SQL file, one by one, because the SQLite driver takes one at a time. Knows comments, quoted text and
/// the BEGIN ... END of triggers; comments are left out.
QStringList sqlStatements(const QString &script);

} // namespace photolift::store
