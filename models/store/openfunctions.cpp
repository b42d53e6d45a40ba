#include "models/store/openfunctions.h"

#include "models/store/dialect.h"

#include <QLoggingCategory>
#include <QSqlQuery>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {
Q_LOGGING_CATEGORY(lcOpenFunctions, "photolift.store.postgres")
}

void warnOfOpenFunctions(const QSqlDatabase &database)
{
    if (engineOf(database) != Engine::PostgreSql)
        return;
    QSqlQuery query(database);
    if (!query.exec(u"SELECT string_agg(DISTINCT p.proname, ', ' ORDER BY p.proname) FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace"
                    " AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lo_truncate', 'lo_truncate64', 'lo_unlink', 'lowrite',"
                    " 'pg_logical_emit_message', 'pg_advisory_lock', 'pg_advisory_lock_shared', 'pg_advisory_xact_lock', 'pg_advisory_xact_lock_shared',"
                    " 'pg_try_advisory_lock', 'pg_try_advisory_lock_shared', 'pg_try_advisory_xact_lock', 'pg_try_advisory_xact_lock_shared')"
                    " AND has_function_privilege('public', p.oid, 'EXECUTE')"_s)
        || !query.next())
        return; // whoever asks next is told why
    if (const QString names = query.value(0).toString(); !names.isEmpty())
        qCWarning(lcOpenFunctions).noquote() << "every login of this database may call" << names
                                             << "of PostgreSQL: run packaging/server/photolift-database.sql in it, as the README says";
}

} // namespace photolift::store
