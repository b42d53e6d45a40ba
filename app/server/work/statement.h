#pragma once

#include "app/server/work/preparedstatements.h"
#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QUuid>
#include <QVariantList>

#include <functional>
#include <type_traits>

namespace photolift::server {

/// Prepares (once, where the connection has PreparedStatements), binds and runs one statement, with the code of what the engine said when it does not
/// work. `sql` is always a constant of the program, in the words of models/store/dialect.h; whatever came from outside is a value.
Result<Answer> execute(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values = {});

/// Rows the statement changed.
Result<int> change(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values = {});

/// What `read` makes of each row, or why there is no answer.
template <typename Read>
Result<QList<std::invoke_result_t<Read, const QSqlQuery &>>> listOf(Result<Answer> answer, const Read &read)
{
    if (!answer)
        return answer.error();
    QList<std::invoke_result_t<Read, const QSqlQuery &>> list;
    while (answer->next())
        list.append(read(answer->row()));
    return list;
}

/// The ids of the first column of all rows, or why there is no answer.
Result<QList<QUuid>> idsOf(Result<Answer> answer);
/// Likewise of a column of numbers.
Result<QList<qint64>> keysOf(Result<Answer> answer);

/// Many ids as one value of PostgreSQL: unnest(?::uuid[]).
QString idList(const QList<QUuid> &ids);

/// Runs `work` inside the transaction at hand so that its failure takes back its own changes alone; PostgreSQL would refuse whatever comes
/// behind a failed statement otherwise. The error is that of `work`, or why the database could not go back.
Result<> alone(const QSqlDatabase &database, const std::function<Result<>()> &work);

} // namespace photolift::server
