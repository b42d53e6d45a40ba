#include "app/server/work/trim.h"

#include "app/server/work/serverclock.h"
#include "app/server/work/statement.h"
#include "app/server/work/trimattempts.h"
#include "app/server/work/trimtable.h"
#include "models/store/dialect.h"
#include "models/vocabulary/faultpoint.h"

#include <QDateTime>
#include <QLoggingCategory>

#include <optional>

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcTrim, "photolift.server.work.trim")

namespace photolift::server {

namespace {

/// Few enough that a transaction is over before anybody waits for it.
constexpr int RowsAtOnce = 1000;
constexpr int MarksAtOnce = 100'000;

struct Detail {
    QLatin1StringView table;
    int days = 0;
    // Of SQLite, for rows from one day to before another.
    QLatin1StringView oldest;
    QLatin1StringView isAnyLeaving;
    QLatin1StringView removeSome; ///< so many of them
};

/// Of stages t.
#define NO_ERROR_NAMES_IT " AND NOT EXISTS (SELECT 1 FROM fact_upload_errors e WHERE e.upload_id = t.upload_id AND e.stage_id = t.stage_id)"

/// One round's work on one table.
class Trim
{
public:
    Trim(DatabaseThreads &database, const std::stop_token &stop, const Detail &detail, bool isWaitingForMarts, qint64 nowMs)
        : m_database(database)
        , m_stop(stop)
        , m_detail(detail)
        , m_rule{detail.table, detail.days, 0}
        , m_isWaitingForMarts(isWaitingForMarts)
        , m_nowMs(nowMs)
        , m_today(QDateTime::fromMSecsSinceEpoch(nowMs, Qt::UTC).date())
    {
    }

    void run()
    {
        Result<QList<qint64>> over = QList<qint64>();
        if (!m_database.readAndWait([&](const QSqlDatabase &reading) { over = look(reading); }))
            return; // the end has begun
        Result<> done = withoutValue(over);
        for (qsizetype i = 0; done && i < over->size() && !m_stop.stop_requested(); ++i)
            done = m_isSqlite ? removeMonth(over->at(i)) : dropMonth(over->at(i));
        if (done && !m_isSqlite)
            done = removeLate();
        if (!done)
            qCWarning(lcTrim).noquote() << "the rest of" << m_rule.table << "is for the next round:" << done.error().detail;
        if (m_waiting > 0)
            qCInfo(lcTrim).noquote() << m_waiting << "months of" << m_rule.table << "have had their days and wait for their aggregates";
        if (m_gone > 0)
            qCInfo(lcTrim).noquote() << m_gone << "rows of" << m_rule.table << "from before" << m_rule.beforeKey << "left after" << m_rule.days << "days";
    }

private:
    /// In a transaction of its own that sees what was committed before each of its statements.
    Result<> inTransaction(const std::function<Result<>(const QSqlDatabase &)> &work)
    {
        return m_database.writeAndWait([&](Writing &writing) { return work(writing.database); }, Isolation::RowByRow);
    }

    /// Finds the first day that stays, and the months that may leave.
    Result<QList<qint64>> look(const QSqlDatabase &database)
    {
        const Result<qint64> first = TrimTable(database).firstDayThatStays(m_rule, m_today);
        if (!first)
            return first.error();
        m_rule.beforeKey = *first;
        m_isSqlite = store::engineOf(database) == store::Engine::Sqlite;
        if (m_isSqlite)
            return monthsOfSqlite(database);
        return keysOf(execute(database, "SELECT months_to_trim(?, ?, ?::date)"_L1, {table(), m_rule.days, day()}));
    }

    /// On a reading thread: what waits or stays is not looked through where everybody's writes would wait for that.
    Result<QList<qint64>> monthsOfSqlite(const QSqlDatabase &database)
    {
        QList<qint64> months;
        for (qint64 month = 0;; ++month) {
            const Result<QList<qint64>> oldest = keysOf(execute(database, m_detail.oldest, {month * 100, m_rule.beforeKey}));
            if (!oldest || oldest->isEmpty())
                return oldest ? Result<QList<qint64>>(months) : oldest.error();
            month = oldest->first() / 100;
            const Result<bool> waits = isWaiting(database, month);
            if (!waits)
                return waits.error();
            if (*waits) {
                ++m_waiting;
                continue;
            }
            const Result<QList<qint64>> any = keysOf(execute(database, m_detail.isAnyLeaving, {month * 100, (month + 1) * 100}));
            if (!any)
                return any.error();
            if (!any->isEmpty())
                months.append(month);
        }
    }

    /// Of SQLite: whether aggregates of this month have still to be made, and matter.
    Result<bool> isWaiting(const QSqlDatabase &database, qint64 month) const
    {
        const Result<QList<qint64>> marks = keysOf(
            execute(database, "SELECT date_key FROM ops_dirty_day WHERE date_key >= ? AND date_key < ? LIMIT 1"_L1, {month * 100, (month + 1) * 100}));
        return marks ? Result<bool>(m_isWaitingForMarts && !marks->isEmpty()) : marks.error();
    }

    Result<> removeMonth(qint64 month)
    {
        return inSteps(month, [this, month](const QSqlDatabase &database) -> Result<qint64> {
            const Result<bool> waits = isWaiting(database, month);
            if (!waits || *waits)
                return waits ? Result<qint64>(0) : waits.error();
            const Result<int> gone = change(database, m_detail.removeSome, {month * 100, (month + 1) * 100, RowsAtOnce});
            return gone ? Result<qint64>(*gone) : gone.error();
        });
    }

    /// Of PostgreSQL: what has no partition.
    Result<> removeLate()
    {
        return inSteps(0, [this](const QSqlDatabase &database) -> Result<qint64> {
            const Result<QList<qint64>> gone = keysOf(execute(database, "SELECT trim_rows(?, ?, ?::date, ?, ?)"_L1,
                                                              {table(), m_rule.days, day(), m_isWaitingForMarts, RowsAtOnce}));
            return gone ? Result<qint64>(gone->value(0)) : gone.error();
        });
    }

    Result<> inSteps(qint64 month, const std::function<Result<qint64>(const QSqlDatabase &)> &removeSome)
    {
        qint64 gone = RowsAtOnce;
        while (gone == RowsAtOnce && !m_stop.stop_requested()) {
            const Result<> removed = inTransaction([&](const QSqlDatabase &database) -> Result<> {
                gone = 0; // a job may run again
                if (const Result<> timed = TrimTable(database).takeTime(); !timed)
                    return timed;
                const Result<qint64> some = removeSome(database);
                if (!some)
                    return some.error();
                gone = *some;
                return gone > 0 ? TrimTable(database).note(m_rule, month, gone, m_nowMs) : Result<>();
            });
            if (!removed)
                return removed;
            m_gone += gone;
        }
        return {};
    }

    Result<> dropMonth(qint64 month)
    {
        QString standing;
        const Result<> detached = inTransaction([&](const QSqlDatabase &database) -> Result<> {
            auto query = execute(database, "SELECT detach_month(?, ?, ?, ?::date, ?)"_L1,
                                 {table(), month, m_rule.days, day(), m_isWaitingForMarts});
            if (!query)
                return query.error();
            standing = query->next() ? query->value(0).toString() : QString();
            return {};
        });
        if (!detached)
            return detached;
        m_waiting += standing == "waits"_L1 ? 1 : 0;
        if (standing == "busy"_L1)
            qCInfo(lcTrim).noquote() << "somebody works with" << m_rule.table << "for long:" << month << "is for the next round";
        if (standing != "detached"_L1)
            return {};
        faultPoint("trim.detached");
        qint64 gone = 0;
        const Result<> dropped = inTransaction([&](const QSqlDatabase &database) -> Result<> {
            gone = 0; // a job may run again
            if (const Result<> timed = TrimTable(database).takeTime(); !timed)
                return timed;
            auto query = execute(database, "SELECT drop_month(?, ?)"_L1, {table(), month});
            if (!query)
                return query.error();
            if (!query->next() || query->value(0).isNull())
                return {}; // somebody else did it, and has noted it
            gone = query->value(0).toLongLong();
            query->finish();
            return TrimTable(database).note(m_rule, month, gone, m_nowMs);
        });
        m_gone += dropped ? gone : 0;
        faultPoint("trim.dropped");
        return dropped;
    }

    QString table() const { return m_rule.table; }
    QString day() const { return m_today.toString(Qt::ISODate); }

    DatabaseThreads &m_database;
    const std::stop_token m_stop;
    const Detail m_detail;
    TrimTable::Rule m_rule;
    bool m_isSqlite = false;
    const bool m_isWaitingForMarts;
    const qint64 m_nowMs;
    const QDate m_today;
    qint64 m_gone = 0;
    int m_waiting = 0;
};

/// One mark says of a day what a thousand do, and PostgreSQL's list has one for each batch of telemetry.
void mergeMarks(DatabaseThreads &database, const std::stop_token &stop)
{
    qint64 taken = MarksAtOnce;
    while (taken == MarksAtOnce && !stop.stop_requested()) {
        const Result<> merged = database.writeAndWait(
            [&](Writing &writing) -> Result<> {
                taken = 0; // a job may run again
                if (store::engineOf(writing.database) == store::Engine::Sqlite)
                    return {};
                const Result<QList<qint64>> some = keysOf(execute(writing.database, "SELECT merge_dirty_days(?)"_L1, {MarksAtOnce}));
                taken = some ? some->value(0) : 0;
                return withoutValue(some);
            },
            Isolation::RowByRow);
        if (!merged) {
            qCWarning(lcTrim).noquote() << "the marks of days stay as they are:" << merged.error().detail;
            return;
        }
    }
}

/// When it is, if the clock has been right for long enough.
std::optional<qint64> steadyRound(DatabaseThreads &database)
{
    Result<std::optional<qint64>> round = std::optional<qint64>();
    database.readAndWait([&](const QSqlDatabase &reading) { round = ServerClock(reading).steadyRound(); });
    if (!round)
        qCWarning(lcTrim).noquote() << "no round without a look at the clock:" << round.error().detail;
    return round ? *round : std::nullopt;
}

} // namespace

void trimDetails(DatabaseThreads &database, const DetailDays &days, const std::stop_token &stop)
{
    mergeMarks(database, stop);
    const std::optional<qint64> now = steadyRound(database);
    if (!now)
        return;
    // Errors first: a stage stays as long as an error names it.
    const Detail details[] = {
        {"fact_upload_errors"_L1, days.errors, "SELECT date_key FROM fact_upload_errors WHERE date_key >= ? AND date_key < ? ORDER BY date_key LIMIT 1"_L1,
         "SELECT 1 FROM fact_upload_errors WHERE date_key >= ? AND date_key < ? LIMIT 1"_L1,
         "DELETE FROM fact_upload_errors WHERE error_id IN (SELECT t.error_id FROM fact_upload_errors t WHERE t.date_key >= ? AND t.date_key < ? LIMIT ?)"_L1},
        {"fact_upload_stages"_L1, days.stages, "SELECT date_key FROM fact_upload_stages WHERE date_key >= ? AND date_key < ? ORDER BY date_key LIMIT 1"_L1,
         "SELECT 1 FROM fact_upload_stages t WHERE t.date_key >= ? AND t.date_key < ?" NO_ERROR_NAMES_IT " LIMIT 1"_L1,
         "DELETE FROM fact_upload_stages WHERE stage_id IN (SELECT t.stage_id FROM fact_upload_stages t WHERE t.date_key >= ? AND t.date_key < ?" NO_ERROR_NAMES_IT " LIMIT ?)"_L1}};
    for (const Detail &detail : details)
        Trim(database, stop, detail, days.isWaitingForMarts, *now).run();
    trimAttempts(database, stop, days.attempts, days.isWaitingForMarts, *now);
}

} // namespace photolift::server
