#include "app/server/work/erasuretable.h"

#include "app/server/work/namepurge.h"
#include "app/server/work/purge.h"
#include "app/server/work/purgedids.h"
#include "app/server/work/serverclock.h"
#include "app/server/work/statement.h"
#include "app/server/work/withdrawaltable.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// In projects of the person ? into which nobody else has brought anything. Of an attempt the token of its question says whose it is; the star alone, where
/// there was none.
#define IN_OWN_PROJECTS                                                                                                 \
    " WHERE project_key IN (SELECT o.project_key FROM dim_projects o JOIN dim_users p ON p.user_key = o.owner_user_key" \
    " WHERE p.user_id = ? AND o.project_key <> 0 AND NOT EXISTS (SELECT 1 FROM fact_upload_attempts t"                  \
    " WHERE t.project_key = o.project_key AND t.user_key NOT IN (0, p.user_key)"                                        \
    " AND NOT EXISTS (SELECT 1 FROM server_uploads u WHERE u.client_upload_id = CAST(t.client_upload_id AS text)"       \
    " AND u.state <> 'replaced' AND u.user_id = p.user_id)))"

/// The attempt is nobody else's, and neither under way nor about to leave as a photo.
#define LEFT_OF(id)                                                                                                                    \
    " AND NOT EXISTS (SELECT 1 FROM server_purged_ids d WHERE d.id = CAST(" id " AS text))"                                            \
    " AND NOT EXISTS (SELECT 1 FROM server_uploads u WHERE u.client_upload_id = CAST(" id " AS text) AND u.state <> 'replaced'"        \
    " AND (u.user_id NOT IN ('', ?) OR u.state IN ('open', 'committed')"                                                               \
    " OR EXISTS (SELECT 1 FROM server_assets a JOIN server_withdrawals w ON w.asset_id = a.asset_id"                                   \
    " WHERE a.account_id = u.account_id AND a.sha256 = u.sha256 AND a.project_id = u.project_id AND a.relative_path = u.relative_path" \
    " AND w.user_id = u.user_id)"                                                                                                      \
    " OR EXISTS (SELECT 1 FROM server_quarantine q WHERE q.account_id = u.account_id AND q.user_id = u.user_id AND q.sha256 = u.sha256" \
    " AND q.project_id = u.project_id AND q.relative_path = u.relative_path)))"
/// As the star tells them, and as the tokens of the questions did: a colleague who tells of an attempt makes it theirs in the star alone.
#define TOLD_ATTEMPTS " FROM fact_upload_attempts t JOIN dim_users p ON p.user_key = t.user_key WHERE p.user_id = ?" LEFT_OF("t.client_upload_id")
#define ASKED_UPLOADS " FROM server_uploads t WHERE t.user_id = ?" LEFT_OF("t.client_upload_id")

struct Attempt {
    QUuid id;
    QUuid item;
    qint64 startMs = 0;
};

Result<QList<Attempt>> attemptsOf(Result<Answer> answer)
{
    return listOf(std::move(answer), [](const QSqlQuery &row) {
        return Attempt{QUuid::fromString(row.value(0).toString()), QUuid::fromString(row.value(1).toString()), row.value(2).toLongLong()};
    });
}

} // namespace

ErasureTable::ErasureTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<std::optional<ErasureTable::Standing>> ErasureTable::standing(const QString &userId) const
{
    Result<Answer> query = execute(m_database, "SELECT was_active, erased_ms, begun_ms IS NOT NULL FROM server_erasures WHERE user_id = ?"_L1, {userId});
    if (!query)
        return query.error();
    return query->next() ? std::optional(Standing{query->value(0).toInt() != 0, query->value(1).toLongLong() + PurgeGraceMs, query->value(2).toBool()})
                         : std::optional<Standing>();
}

Result<QList<ErasureTable::Pending>> ErasureTable::pending(const QString &accountId) const
{
    return listOf(execute(m_database,
                          "SELECT u.user_name, e.erased_ms, e.begun_ms IS NOT NULL FROM server_erasures e JOIN server_users u ON u.user_id = e.user_id"
                          " WHERE e.account_id = ? AND e.done_ms IS NULL ORDER BY e.erased_ms, e.user_id"_L1,
                          {accountId}),
                  [](const QSqlQuery &row) { return Pending{row.value(0).toString(), row.value(1).toLongLong() + PurgeGraceMs, row.value(2).toBool()}; });
}

Result<> ErasureTable::add(const QString &accountId, const QString &userId, bool wasActive, qint64 nowMs) const
{
    const Result<qint64> dayBegins = ServerClock(m_database).daysBegin(nowMs);
    if (!dayBegins)
        return dayBegins.error();
    return withoutValue(change(m_database, "INSERT INTO server_erasures (user_id, account_id, was_active, erased_ms) VALUES (?, ?, ?, ?)"_L1,
                               {userId, accountId, int(wasActive), *dayBegins}));
}

Result<bool> ErasureTable::takeBack(const QString &userId) const
{
    const Result<int> gone = change(m_database, "DELETE FROM server_erasures WHERE user_id = ? AND begun_ms IS NULL"_L1, {userId});
    return gone ? Result<bool>(*gone > 0) : gone.error();
}

Result<int> ErasureTable::beginAnew(qint64 nowMs) const
{
    return change(m_database, "UPDATE server_erasures SET erased_ms = ? WHERE begun_ms IS NULL"_L1, {nowMs});
}

Result<QList<ErasureTable::Person>> ErasureTable::due(qint64 nowMs) const
{
    return listOf(execute(m_database,
                          "SELECT user_id, account_id FROM server_erasures WHERE done_ms IS NULL"
                          " AND (begun_ms IS NOT NULL OR erased_ms <= ?) ORDER BY user_id"_L1,
                          {nowMs - PurgeGraceMs}),
                  [](const QSqlQuery &row) { return Person{row.value(0).toString(), row.value(1).toString()}; });
}

Result<bool> ErasureTable::begin(const Person &person, qint64 nowMs) const
{
    const Result<std::optional<Standing>> erasure = standing(person.userId);
    if (!erasure)
        return erasure.error();
    if (!*erasure || (*erasure)->isBegun)
        return erasure->has_value();
    const Result<int> begun = change(m_database, "UPDATE server_erasures SET begun_ms = ? WHERE user_id = ?"_L1, {nowMs, person.userId});
    if (!begun)
        return begun.error();
    if (const Result<> purged = purgePerson(person); !purged)
        return purged.error();
    const Result<> owned = purgeOwned(person, nowMs);
    return owned ? Result<bool>(true) : owned.error();
}

Result<> ErasureTable::purgePerson(const Person &person) const
{
    const std::pair<QLatin1StringView, QVariantList> changes[] = {
        // The name is unique, and a new person may bear it.
        {"UPDATE server_users SET user_name = 'erased ' || user_id WHERE user_id = ?"_L1, {person.userId}},
        {"UPDATE server_device_tokens SET label = '' WHERE user_id = ?"_L1, {person.userId}},
        {"UPDATE dim_users SET user_preferences = NULL WHERE user_id = ?"_L1, {person.userId}},
        // The account of one person bears that name as well.
        {"UPDATE server_accounts SET account_name = 'erased ' || account_id WHERE account_id = ? AND account_type = 'person' AND NOT EXISTS ("
         " SELECT 1 FROM server_users u WHERE u.account_id = server_accounts.account_id AND NOT EXISTS ("
         " SELECT 1 FROM server_erasures e WHERE e.user_id = u.user_id AND e.begun_ms IS NOT NULL))"_L1,
         {person.accountId}}};
    for (const auto &[sql, values] : changes) {
        if (const Result<int> changed = change(m_database, sql, values); !changed)
            return changed.error();
    }
    return {};
}

Result<> ErasureTable::purgeOwned(const Person &person, qint64 nowMs) const
{
    const std::pair<QLatin1StringView, QVariantList> changes[] = {
        // Whoever uses the same desktop later may tell of these again.
        {"INSERT INTO server_purged_ids (id, account_id, purged_ms) SELECT CAST(batch_id AS text), ?, CAST(? AS bigint) FROM dim_batches" IN_OWN_PROJECTS
         " ON CONFLICT DO NOTHING"_L1,
         {person.accountId, nowMs, person.userId}},
        {"UPDATE dim_batches SET batch_name = NULL, source_label = NULL" IN_OWN_PROJECTS ""_L1, {person.userId}},
        {"UPDATE dim_projects SET project_name = 'erased'" IN_OWN_PROJECTS ""_L1, {person.userId}}};
    for (const auto &[sql, values] : changes) {
        if (const Result<int> changed = change(m_database, sql, values); !changed)
            return changed.error();
    }
    return {};
}

Result<> ErasureTable::withdrawPhotos(const Person &person) const
{
    // With the time of the erasure: their day is over.
    Result<Answer> erased = execute(m_database, "SELECT erased_ms FROM server_erasures WHERE user_id = ?"_L1, {person.userId});
    if (!erased)
        return erased.error();
    if (!erased->next())
        return {};
    const qint64 erasedMs = erased->value(0).toLongLong();
    erased->finish();
    const Result<int> withdrawn =
        WithdrawalTable(m_database, {person.accountId, person.userId}).withdrawFrom(WithdrawalTable::By::Everything, {}, erasedMs);
    if (!withdrawn)
        return withdrawn.error();
    return withoutValue(change(m_database, "DELETE FROM staging_batch WHERE user_id = ?"_L1, {person.userId}));
}

Result<ErasureTable::Purged> ErasureTable::purgeNames(const Person &person, qint64 nowMs, qint64 fromMs, int most) const
{
    Result<QList<Attempt>> attempts = attemptsOf(execute(m_database,
                                                         "SELECT t.client_upload_id, t.item_id, unix_ms(t.start_timestamp)" TOLD_ATTEMPTS
                                                         " AND t.start_timestamp >= ms(?) ORDER BY t.start_timestamp LIMIT ?"_L1,
                                                         {person.userId, person.userId, fromMs, most}));
    if (attempts && attempts->isEmpty()) {
        attempts = attemptsOf(
            execute(m_database, "SELECT t.client_upload_id, t.item_id, 0" ASKED_UPLOADS " LIMIT ?"_L1, {person.userId, person.userId, most}));
    }
    if (!attempts)
        return attempts.error();
    const PurgedIds purged(m_database);
    Purged some{int(attempts->size()), fromMs};
    for (const Attempt &attempt : std::as_const(*attempts)) {
        if (const Result<> added = purged.add(person.accountId, attempt.id, nowMs); !added)
            return added.error();
        if (const Result<> added = attempt.item.isNull() ? Result<>() : purged.add(person.accountId, attempt.item, nowMs); !added)
            return added.error();
        if (const Result<> gone = NamePurge(m_database, nowMs).purgeAttempt(attempt.id); !gone)
            return gone.error();
        some.fromMs = std::max(some.fromMs, attempt.startMs);
    }
    return some;
}

Result<bool> ErasureTable::finish(const Person &person, qint64 nowMs) const
{
    const Result<int> done = change(m_database,
                                    "UPDATE server_erasures SET done_ms = ? WHERE user_id = ? AND begun_ms IS NOT NULL"
                                    " AND NOT EXISTS (SELECT 1 FROM server_uploads x WHERE x.user_id = server_erasures.user_id AND x.state IN ('open', 'committed'))"
                                    " AND NOT EXISTS (SELECT 1 FROM server_withdrawals x WHERE x.user_id = server_erasures.user_id)"
                                    " AND NOT EXISTS (SELECT 1 FROM server_quarantine x WHERE x.user_id = server_erasures.user_id)"
                                    " AND NOT EXISTS (SELECT 1" TOLD_ATTEMPTS ") AND NOT EXISTS (SELECT 1" ASKED_UPLOADS ")"_L1,
                                    {nowMs, person.userId, person.userId, person.userId, person.userId, person.userId});
    return done ? Result<bool>(*done > 0) : done.error();
}

} // namespace photolift::server
