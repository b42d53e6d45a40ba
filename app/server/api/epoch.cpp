#include "app/server/api/epoch.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Q_LOGGING_CATEGORY(lcEpoch, "photolift.server.api")

/// Null: there is no such row.
Result<QString> textFrom(const QSqlDatabase &database, QLatin1StringView question, const QVariantList &values = {})
{
    Result<Answer> answer = execute(database, question, values);
    if (!answer)
        return answer.error();
    return answer->next() ? answer->value(0).toString() : QString();
}

} // namespace

Result<> Epoch::meet(const QSqlDatabase &database)
{
    const auto known = [&database](const QString &key) { return textFrom(database, "SELECT value FROM server_state WHERE key = ?"_L1, {key}); };
    const Result<QString> key = textFrom(database, "SELECT 'epoch'{ || (SELECT format(' %s/%s/%s', system_identifier, oid,"
                                                   " left(pg_walfile_name(pg_current_wal_lsn()), 8))"
                                                   " FROM pg_control_system(), pg_database WHERE datname = current_database())}"_L1);
    if (!key)
        return key.error();
    Result<QString> epoch = known(*key);
    if (epoch && epoch->isEmpty()) { // another connection may be meeting it, too: the first one names it
        const Result<int> made = change(database, "INSERT INTO server_state (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING"_L1, {*key, idText(newUuid7())});
        if (!made)
            return made.error();
        epoch = known(*key);
    }
    if (!epoch)
        return epoch.error();
    const std::scoped_lock lock(m_mutex);
    if (!m_current.isEmpty() && m_current != *epoch)
        qCWarning(lcEpoch).noquote() << "another database answers than before: clients tell again what they told last";
    m_current = *std::move(epoch);
    return {};
}

QString Epoch::current() const
{
    const std::scoped_lock lock(m_mutex);
    return m_current;
}

} // namespace photolift::server
