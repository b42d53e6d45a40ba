#include "app/server/work/withdrawaltable.h"

#include "app/server/work/leavingphoto.h"
#include "app/server/work/purge.h"
#include "app/server/work/quarantinetable.h"
#include "app/server/work/serverclock.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

using By = WithdrawalTable::By;

/// A statement for each way to say which photos; the last words choose the uploads u of the person.
#define OF_PERSON " u.account_id = ? AND u.user_id = ?"
#define OF_PHOTO OF_PERSON " AND (u.client_upload_id = ? OR u.item_id = ?)"
#define OF_BATCH                                                                                       \
    OF_PERSON " AND u.client_upload_id IN (SELECT CAST(t.client_upload_id AS text) FROM dim_batches b" \
              " JOIN fact_upload_attempts t ON t.batch_key = b.batch_key WHERE b.batch_id = ?{::uuid} AND b.batch_key <> 0)"
#define FOR_EACH(begin, end)                                                       \
    {                                                                              \
        begin OF_PHOTO end##_L1, begin OF_BATCH end##_L1, begin OF_PERSON end##_L1 \
    }
/// Photos of the person: in their slot, and brought to the end.
#define IN_SLOT                                                                                     \
    " server_uploads u JOIN server_assets a ON a.account_id = u.account_id AND a.sha256 = u.sha256" \
    " AND a.project_id = u.project_id AND a.relative_path = u.relative_path"
#define BROUGHT " u.state IN ('ended', 'duplicate', 'recalled')"

struct Words {
    QLatin1StringView photo;
    QLatin1StringView batch;
    QLatin1StringView everything;
    QLatin1StringView of(By by) const
    {
        if (by == By::Everything)
            return everything;
        return by == By::Photo ? photo : batch;
    }
};

constexpr Words Listing FOR_EACH("SELECT a.asset_id, max(u.client_upload_id), max(u.item_id), a.sha256, a.size, a.project_id, a.relative_path,"
                                 " max(u.media_type), max(w.removed_ms), max(CASE WHEN a.purge_ms IS NOT NULL OR coalesce(a.wanted_ms, a.created_ms)"
                                 " <= ? - CAST(r.purge_after_days AS bigint) * 86400000 THEN 1 ELSE 0 END) FROM" IN_SLOT
                                 " LEFT JOIN server_withdrawals w ON w.asset_id = a.asset_id AND w.user_id = u.user_id"
                                 " LEFT JOIN server_project_rules r ON r.project_id = a.project_id"
                                 " WHERE" BROUGHT " AND a.asset_id > ? AND",
                                 " GROUP BY a.asset_id, a.sha256, a.size, a.project_id, a.relative_path ORDER BY a.asset_id LIMIT ?");
constexpr Words Counting FOR_EACH("SELECT count(DISTINCT a.asset_id), count(DISTINCT w.asset_id), min(w.removed_ms) FROM" IN_SLOT
                                  " LEFT JOIN server_withdrawals w ON w.asset_id = a.asset_id AND w.user_id = u.user_id WHERE" BROUGHT " AND",
                                  "");
constexpr Words UnderWay FOR_EACH("SELECT count(*) FROM server_uploads u WHERE u.state IN ('open', 'committed') AND", "");
constexpr Words Withdrawing FOR_EACH("INSERT INTO server_withdrawals (asset_id, user_id, account_id, removed_ms)"
                                     " SELECT DISTINCT a.asset_id, u.user_id, u.account_id, CAST(? AS bigint) FROM" IN_SLOT " WHERE" BROUGHT " AND",
                                     " ON CONFLICT DO NOTHING");
constexpr Words TakingBack FOR_EACH("DELETE FROM server_withdrawals WHERE user_id = ? AND asset_id IN (SELECT a.asset_id FROM" IN_SLOT
                                    " WHERE" BROUGHT " AND",
                                    ")");

/// The same of originals in quarantine: they have rows of their own there, each of one person.
#define IN_QUARANTINE                                                                                                             \
    " server_uploads u JOIN server_quarantine q ON q.account_id = u.account_id AND q.user_id = u.user_id AND q.sha256 = u.sha256" \
    " AND q.project_id = u.project_id AND q.relative_path = u.relative_path WHERE"
#define ALL_IN_QUARANTINE " account_id = ? AND user_id = ?"
#define FOR_EACH_QUARANTINED(begin, some, end)                                                                                \
    {                                                                                                                         \
        begin some IN_QUARANTINE OF_PHOTO end##_L1, begin some IN_QUARANTINE OF_BATCH end##_L1, begin ALL_IN_QUARANTINE ""_L1 \
    }
#define QUARANTINED_OF " quarantine_id IN (SELECT q.quarantine_id FROM"
constexpr Words CountingQuarantined FOR_EACH_QUARANTINED("SELECT count(*), count(removed_ms), min(removed_ms) FROM server_quarantine WHERE", QUARANTINED_OF, ")");
constexpr Words WithdrawingQuarantined FOR_EACH_QUARANTINED("UPDATE server_quarantine SET removed_ms = CAST(? AS bigint) WHERE removed_ms IS NULL AND",
                                                            QUARANTINED_OF, ")");
constexpr Words TakingBackQuarantined FOR_EACH_QUARANTINED("UPDATE server_quarantine SET removed_ms = NULL WHERE removed_ms IS NOT NULL AND", QUARANTINED_OF,
                                                           ")");

Result<int> sumOf(const Result<int> &photos, const Result<int> &quarantined)
{
    if (!photos || !quarantined)
        return photos ? quarantined : photos;
    return *photos + *quarantined;
}

} // namespace

WithdrawalTable::WithdrawalTable(const QSqlDatabase &database, Person person)
    : m_database(database)
    , m_person(std::move(person))
{
}

QVariantList WithdrawalTable::with(QVariantList values, By by, const QUuid &id) const
{
    values << m_person.accountId << m_person.userId;
    if (by != By::Everything)
        values << idText(id);
    if (by == By::Photo)
        values << idText(id);
    return values;
}

Result<QList<WithdrawalTable::Photo>> WithdrawalTable::photos(By by, const QUuid &id, qint64 nowMs, qint64 behind, int most) const
{
    QVariantList values = with({nowMs, behind}, by, id);
    values << most;
    return listOf(execute(m_database, Listing.of(by), values), [](const QSqlQuery &row) {
        Photo photo;
        photo.assetId = row.value(0).toLongLong();
        photo.clientUploadId = QUuid::fromString(row.value(1).toString());
        photo.itemId = QUuid::fromString(row.value(2).toString());
        photo.sha256 = row.value(3).toString();
        photo.size = row.value(4).toLongLong();
        photo.projectId = row.value(5).toString();
        photo.relativePath = row.value(6).toString();
        photo.mediaType = row.value(7).toString();
        if (!row.value(8).isNull())
            photo.removedMs = row.value(8).toLongLong();
        photo.isOverdue = row.value(9).toInt() != 0;
        return photo;
    });
}

Result<WithdrawalTable::Standing> WithdrawalTable::standing(By by, const QUuid &id) const
{
    Standing standing;
    for (const Words &counting : {Counting, CountingQuarantined}) {
        auto query = execute(m_database, counting.of(by), with({}, by, id));
        if (!query)
            return query.error();
        if (!query->next())
            continue;
        standing.photos += query->value(0).toInt();
        standing.removed += query->value(1).toInt();
        if (!query->value(2).isNull()) {
            const qint64 goneMs = query->value(2).toLongLong() + PurgeGraceMs;
            standing.goneMs = std::min(standing.goneMs.value_or(goneMs), goneMs);
        }
    }
    Result<Answer> coming = execute(m_database, UnderWay.of(by), with({}, by, id));
    if (!coming)
        return coming.error();
    if (coming->next())
        standing.underWay = coming->value(0).toInt();
    return standing;
}

Result<int> WithdrawalTable::withdraw(By by, const QUuid &id, qint64 nowMs) const
{
    const Result<qint64> dayBegins = ServerClock(m_database).daysBegin(nowMs);
    return dayBegins ? withdrawFrom(by, id, *dayBegins) : dayBegins.error();
}

Result<int> WithdrawalTable::withdrawFrom(By by, const QUuid &id, qint64 removedMs) const
{
    const Result<int> photos = change(m_database, Withdrawing.of(by), with({removedMs}, by, id));
    return photos ? sumOf(photos, change(m_database, WithdrawingQuarantined.of(by), with({removedMs}, by, id))) : photos;
}

Result<int> WithdrawalTable::takeBack(By by, const QUuid &id) const
{
    const Result<int> photos = change(m_database, TakingBack.of(by), with({m_person.userId}, by, id));
    return photos ? sumOf(photos, change(m_database, TakingBackQuarantined.of(by), with({}, by, id))) : photos;
}

Result<int> WithdrawalTable::beginAnew(const QSqlDatabase &database, qint64 nowMs)
{
    const Result<int> photos = change(database, "UPDATE server_withdrawals SET removed_ms = ?"_L1, {nowMs});
    return photos ? sumOf(photos, QuarantineTable(database).beginAnew(nowMs)) : photos;
}

Result<QList<qint64>> WithdrawalTable::due(const QSqlDatabase &database, qint64 nowMs, int most)
{
    return keysOf(execute(database, "SELECT DISTINCT asset_id FROM server_withdrawals WHERE removed_ms <= ? LIMIT ?"_L1, {nowMs - PurgeGraceMs, most}));
}

Result<bool> WithdrawalTable::remove(const QSqlDatabase &database, qint64 assetId, qint64 nowMs, std::optional<int> backupsKeptDays)
{
    Result<Answer> found = execute(database,
                                   "SELECT w.user_id, w.removed_ms,"
                                   " (SELECT max(u.client_upload_id) FROM server_uploads u WHERE u.account_id = a.account_id AND u.sha256 = a.sha256"
                                   "  AND u.project_id = a.project_id AND u.relative_path = a.relative_path AND u.user_id = w.user_id AND" BROUGHT "),"
                                   " (SELECT count(*) FROM server_uploads o WHERE o.account_id = a.account_id AND o.sha256 = a.sha256"
                                   "  AND o.project_id = a.project_id AND o.relative_path = a.relative_path AND o.user_id <> w.user_id"
                                   "  AND o.state IN ('ended', 'duplicate', 'recalled')),"
                                   " EXISTS (SELECT 1 FROM server_erasures e WHERE e.user_id = w.user_id AND e.begun_ms IS NOT NULL)"
                                   " FROM server_withdrawals w JOIN server_assets a ON a.asset_id = w.asset_id"
                                   " WHERE w.asset_id = ? AND w.removed_ms <= ? ORDER BY w.removed_ms LIMIT 1"_L1,
                                   {assetId, nowMs - PurgeGraceMs});
    if (!found)
        return found.error();
    if (!found->next())
        return false;
    LeavingPhoto photo{assetId, found->value(2).toString(), found->value(4).toBool() ? u"its owner was erased"_s : u"removed by its owner"_s, found->value(1).toLongLong() + PurgeGraceMs, {}};
    if (const bool isOthersToo = found->value(3).toInt() > 0; isOthersToo)
        photo.onlyOf = found->value(0).toString();
    found->finish();
    return leave(database, photo, nowMs, backupsKeptDays);
}

} // namespace photolift::server
