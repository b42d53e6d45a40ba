#include "app/server/api/epoch.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Result<QString> textFrom(Writing &writing, QLatin1StringView question, const QVariantList &values = {})
{
    Result<QSqlQuery> answer = execute(writing.database, question, values);
    if (!answer)
        return answer.error();
    answer->next();
    return answer->value(0).toString();
}

} // namespace

Result<QString> epochOf(DatabaseThreads &database)
{
    QString epoch;
    const Result<> read = database.writeAndWait([&epoch](Writing &writing) -> Result<> {
        const Result<QString> key = textFrom(writing, "SELECT 'epoch'{ || (SELECT format(' %s/%s/%s', system_identifier, oid,"
                                                      " left(pg_walfile_name(pg_current_wal_lsn()), 8))"
                                                      " FROM pg_control_system(), pg_database WHERE datname = current_database())}"_L1);
        if (!key)
            return key.error();
        const Result<int> made = change(writing.database, "INSERT INTO server_state (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING"_L1,
                                        {*key, idText(newUuid7())});
        if (!made)
            return made.error();
        Result<QString> known = textFrom(writing, "SELECT value FROM server_state WHERE key = ?"_L1, {*key});
        if (!known)
            return known.error();
        epoch = *std::move(known);
        return {};
    });
    return read ? Result<QString>(epoch) : Result<QString>(read.error());
}

} // namespace photolift::server
