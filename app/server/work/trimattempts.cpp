#include "app/server/work/trimattempts.h"

#include "app/server/work/statement.h"
#include "app/server/work/trimtable.h"
#include "models/store/dialect.h"
#include "models/vocabulary/faultpoint.h"

#include <QDateTime>
#include <QLoggingCategory>

#include <optional>

using namespace Qt::StringLiterals;

Q_DECLARE_LOGGING_CATEGORY(lcTrim)

namespace photolift::server {

namespace {

/// Few enough that a transaction is over before anybody waits for it.
constexpr int AtOnce = 1000;

struct Place {
    qint64 dateKey = 0;
    qint64 uploadId = 0;
};

struct Step {
    std::optional<Place> next; ///< nothing: that was all
    qint64 gone = 0;
};

struct Order {
    TrimTable::Rule rule;
    QDate today;
    bool isWaitingForMarts = true;
};

/// trim_attempts() of PostgreSQL (024_attempts_in_quarantine.sql) does the same.
#define NOBODY_NEEDS                                                                                                                             \
    " AND NOT (? = 1 AND a.date_key / 100 IN (SELECT d.date_key / 100 FROM ops_dirty_day d))"                                                    \
    " AND NOT EXISTS (SELECT 1 FROM fact_upload_errors e WHERE e.upload_id = a.upload_id)"                                                       \
    " AND NOT EXISTS (SELECT 1 FROM fact_upload_stages s WHERE s.upload_id = a.upload_id)"                                                       \
    " AND NOT EXISTS (SELECT 1 FROM server_uploads u WHERE u.client_upload_id = a.client_upload_id AND u.state <> 'replaced'"                    \
    " AND (u.state IN ('open', 'committed') OR EXISTS (SELECT 1 FROM server_assets x WHERE x.account_id = u.account_id AND x.sha256 = u.sha256" \
    " AND x.project_id = u.project_id AND x.relative_path = u.relative_path)"                                                                    \
    " OR EXISTS (SELECT 1 FROM server_quarantine q WHERE q.account_id = u.account_id AND q.sha256 = u.sha256 AND q.user_id = u.user_id"          \
    " AND q.project_id = u.project_id AND q.relative_path = u.relative_path)))"

Result<> removeOne(const QSqlDatabase &database, qint64 uploadId, qint64 batchKey)
{
    const std::pair<QLatin1StringView, QVariantList> changes[] = {
        {"DELETE FROM dim_photos WHERE upload_id = ?"_L1, {uploadId}},
        {"INSERT INTO server_arrived (batch_key, item_id, bytes) SELECT t.batch_key, t.item_id, t.file_size_bytes FROM fact_upload_attempts t"
         " JOIN dim_upload_status s ON s.upload_status_key = t.upload_status_key"
         " WHERE t.upload_id = ? AND s.is_success_state AND t.row_version > 0 AND t.batch_key <> 0 AND t.item_id IS NOT NULL"
         " ON CONFLICT (batch_key, item_id) DO UPDATE SET bytes = max(coalesce(server_arrived.bytes, 0), coalesce(excluded.bytes, 0))"_L1,
         {uploadId}},
        {"DELETE FROM fact_upload_attempts WHERE upload_id = ?"_L1, {uploadId}},
        {"UPDATE dim_batches SET batch_name = NULL, source_label = NULL WHERE batch_key = ? AND batch_key <> 0"
         " AND (batch_name IS NOT NULL OR source_label IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM fact_upload_attempts t"
         " WHERE t.batch_key = dim_batches.batch_key AND t.relative_path IS NOT NULL)"_L1,
         {batchKey}}};
    for (const auto &[sql, values] : changes) {
        if (const Result<int> changed = change(database, sql, values); !changed)
            return changed.error();
    }
    return {};
}

Result<Step> stepOfSqlite(const QSqlDatabase &database, const Order &order, const Place &behind)
{
    auto seen = execute(database,
                        "SELECT date_key, upload_id FROM fact_upload_attempts WHERE date_key < ? AND (date_key, upload_id) > (?, ?)"
                        " ORDER BY date_key, upload_id LIMIT ?"_L1,
                        {order.rule.beforeKey, behind.dateKey, behind.uploadId, AtOnce});
    if (!seen)
        return seen.error();
    Step step;
    Place last;
    int count = 0;
    for (; seen->next(); ++count)
        last = {seen->value(0).toLongLong(), seen->value(1).toLongLong()};
    seen->finish();
    if (count == AtOnce)
        step.next = last;
    auto leaving = execute(database,
                           "SELECT a.upload_id, a.batch_key FROM fact_upload_attempts a WHERE a.date_key < ? AND (a.date_key, a.upload_id) > (?, ?)"
                           " AND (a.date_key, a.upload_id) <= (?, ?)" NOBODY_NEEDS ""_L1,
                           {order.rule.beforeKey, behind.dateKey, behind.uploadId, last.dateKey, last.uploadId, order.isWaitingForMarts ? 1 : 0});
    if (!leaving)
        return leaving.error();
    QList<std::pair<qint64, qint64>> attempts;
    while (leaving->next())
        attempts.append({leaving->value(0).toLongLong(), leaving->value(1).toLongLong()});
    leaving->finish();
    for (const auto &[uploadId, batchKey] : std::as_const(attempts)) {
        if (const Result<> removed = removeOne(database, uploadId, batchKey); !removed)
            return removed.error();
    }
    step.gone = attempts.size();
    return step;
}

Result<Step> stepOfPostgres(const QSqlDatabase &database, const Order &order, const Place &behind)
{
    auto query = execute(database, "SELECT last_key, last_id, gone FROM trim_attempts(?, ?::date, ?, ?, ?, ?)"_L1,
                         {order.rule.days, order.today.toString(Qt::ISODate), order.isWaitingForMarts, behind.dateKey, behind.uploadId, AtOnce});
    if (!query)
        return query.error();
    Step step;
    if (!query->next())
        return step;
    if (!query->value(0).isNull())
        step.next = Place{query->value(0).toLongLong(), query->value(1).toLongLong()};
    step.gone = query->value(2).toLongLong();
    return step;
}

} // namespace

void trimAttempts(DatabaseThreads &database, const std::stop_token &stop, int days, bool isWaitingForMarts, qint64 nowMs)
{
    Order order{{"fact_upload_attempts"_L1, days, 0}, QDateTime::fromMSecsSinceEpoch(nowMs, Qt::UTC).date(), isWaitingForMarts};
    Result<bool> isDone = true;
    QList<qint64> waiting;
    const bool isAsked = database.readAndWait([&](const QSqlDatabase &reading) {
        const TrimTable table(reading);
        const Result<qint64> first = table.firstDayThatStays(order.rule, order.today);
        order.rule.beforeKey = first ? *first : 0;
        if (!first) {
            isDone = first.error();
            return;
        }
        const Result<QList<qint64>> months = isWaitingForMarts ? table.monthsWithoutMarts(order.rule) : Result<QList<qint64>>(QList<qint64>());
        waiting = months ? *months : QList<qint64>();
        isDone = months ? table.isComplete(order.rule, waiting) : Result<bool>(months.error());
    });
    std::optional<Place> behind = Place();
    Result<> trimmed = withoutValue(isDone);
    qint64 gone = 0;
    while (isAsked && trimmed && !*isDone && behind && !stop.stop_requested()) {
        Step step;
        trimmed = database.writeAndWait(
            [&](Writing &writing) -> Result<> {
                const TrimTable table(writing.database);
                if (const Result<> timed = table.takeTime(); !timed)
                    return timed;
                const bool isSqlite = store::engineOf(writing.database) == store::Engine::Sqlite;
                const Result<Step> made = isSqlite ? stepOfSqlite(writing.database, order, *behind) : stepOfPostgres(writing.database, order, *behind);
                if (!made)
                    return made.error();
                step = *made;
                if (step.gone > 0) {
                    if (const Result<> noted = table.note(order.rule, 0, step.gone, nowMs); !noted)
                        return noted;
                }
                return step.next ? Result<>() : table.setComplete(order.rule, waiting, nowMs);
            },
            Isolation::RowByRow);
        if (trimmed) {
            gone += step.gone;
            behind = step.next;
        }
        faultPoint("trim.attempts");
    }
    if (!trimmed)
        qCWarning(lcTrim).noquote() << "the rest of fact_upload_attempts is for the next round:" << trimmed.error().detail;
    if (gone > 0)
        qCInfo(lcTrim).noquote() << gone << "rows of fact_upload_attempts from before" << order.rule.beforeKey << "left after" << days << "days";
}

} // namespace photolift::server
