#include "app/server/work/rights.h"

#include "models/store/database.h"
#include "models/store/sqlscript.h"

#include <QFile>
#include <QSqlQuery>

using namespace Qt::StringLiterals;

namespace photolift::server {

Result<> giveRights(const QSqlDatabase &database)
{
    QFile rights(u":/sql/postgresql/rights.sql"_s);
    if (!rights.open(QIODevice::ReadOnly))
        return Error{ErrorCode::InternalUnknown, rights.errorString()};
    store::Transaction transaction(database);
    // Two that change the same rights at once are told "tuple concurrently updated", and nothing that says come again.
    QSqlQuery turn(database);
    if (!turn.exec(u"SELECT pg_advisory_xact_lock(hashtext('photolift.migrate'))"_s))
        return store::databaseError(turn.lastError());
    for (const QString &statement : store::sqlStatements(QString::fromUtf8(rights.readAll()))) {
        QSqlQuery query(database);
        if (!query.exec(statement))
            return store::databaseError(query.lastError());
    }
    return transaction.commit();
}

} // namespace photolift::server
