#include "app/server/work/trim.h"
#include "models/store/database.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include <QDate>
#include <QElapsedTimer>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;
constexpr int Rows = 40;

} // namespace

/// How a month of PostgreSQL's partitions leaves while others read and write, and when the one who takes it is killed over it.
class TestTrimmedMonths : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void aKillBetweenTheStepsIsHealed();
    void whoReadsForLongIsNotHeldUp();
    void whatIsBeingWrittenIsWaitedFor();
    void aMonthThatComesBackLeavesAgain();
    void aMonthHasTimeToLeave();

private:
    void round(bool isWaitingForMarts = false) { server::trimDetails(*m_database, {.isWaitingForMarts = isWaitingForMarts}); }
    QString ask(const QString &query) const { return m_rig->sql(query).toString(); }
    bool isThere(const QString &table) const { return ask(u"SELECT to_regclass('%1') IS NOT NULL"_s.arg(table)) == u"true"_s; }
    void makeMonth() const;
    /// Somebody waits for a lock on the stages as a whole.
    bool isLockWaitedFor() const
    {
        return ask(u"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'fact_upload_stages'::regclass"_s) != u"0"_s;
    }

    BothEngines m_engines;
    std::unique_ptr<ApiRig> m_rig;
    std::unique_ptr<server::DatabaseThreads> m_database;
    QDate m_day = QDate::currentDate().addMonths(-4);
    int m_month = m_day.year() * 100 + m_day.month();
    QString m_part = u"fact_upload_stages_p%1"_s.arg(m_month);
    QString m_over = u"fact_upload_stages_over%1"_s.arg(m_month);
};

void TestTrimmedMonths::initTestCase()
{
    QVERIFY2(m_engines.start(), qPrintable(m_engines.failure()));
}

void TestTrimmedMonths::init()
{
    m_rig = m_engines.rig(store::Engine::PostgreSql);
    auto opened = server::DatabaseThreads::open({.path = {}, .postgres = m_rig->options.retentionLogin, .writers = 1, .readers = 1});
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    m_database = *std::move(opened);
    m_rig->change(u"UPDATE server_clock SET round_ms = %1, set_ms = %2"_s.arg(nowMs()).arg(nowMs() - 2 * DayMs));
    makeMonth();
}

void TestTrimmedMonths::cleanup()
{
    m_database.reset();
    m_rig.reset();
}

void TestTrimmedMonths::makeMonth() const
{
    m_rig->change(u"SELECT ensure_month('%1')"_s.arg(m_day.toString(Qt::ISODate)));
    m_rig->change(u"INSERT INTO fact_upload_stages (upload_id, stage_name, date_key) SELECT n, 'selection', %1 FROM generate_series(1, %2) AS n"_s
                      .arg(m_month * 100 + 15)
                      .arg(Rows));
}

void TestTrimmedMonths::aKillBetweenTheStepsIsHealed()
{
    m_rig->onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery query(database);
        QVERIFY2(query.exec(u"SET SESSION AUTHORIZATION photolift_retention"_s), qPrintable(query.lastError().text()));
        QVERIFY2(query.exec(u"SELECT detach_month('fact_upload_stages', %1, 30, CURRENT_DATE, false)"_s.arg(m_month)) && query.next(),
                 qPrintable(query.lastError().text()));
        QCOMPARE(query.value(0).toString(), u"detached"_s);
    });
    QVERIFY(!isThere(m_part) && isThere(m_over));
    // Meanwhile a row comes late.
    m_rig->change(u"INSERT INTO fact_upload_stages (upload_id, stage_name, date_key) VALUES (1, 'selection', %1)"_s.arg(m_month * 100 + 15));
    QCOMPARE(ask(u"SELECT count(*) FROM fact_upload_stages"_s), u"1"_s);

    round();

    QVERIFY(!isThere(m_over));
    QCOMPARE(ask(u"SELECT count(*) FROM fact_upload_stages"_s), u"0"_s);
    QCOMPARE(rowsOf(*m_rig, u"SELECT month, row_count FROM server_trims ORDER BY 1"_s),
             (QStringList{u"0|1"_s, u"%1|%2"_s.arg(m_month).arg(Rows)}));
}

void TestTrimmedMonths::whoReadsForLongIsNotHeldUp()
{
    const auto reading = store::Connection::open(*m_rig->options.workerLogin);
    QVERIFY2(reading, qPrintable(reading ? QString() : reading.error().detail));
    QSqlQuery read((*reading)->database());
    QVERIFY2(read.exec(u"SELECT set_config('photolift.account', '*', false)"_s) && read.exec(u"BEGIN"_s)
                 && read.exec(u"SELECT count(*) FROM fact_upload_stages"_s),
             qPrintable(read.lastError().text()));
    QElapsedTimer waited;
    std::thread trimming([this] { round(); });
    const bool hasWaited = QTest::qWaitFor([this] { return isLockWaitedFor(); }, 10000);
    // Whoever comes now stands behind the one who waits, and not for long.
    waited.start();
    const QString seen = ask(u"SELECT count(*) FROM fact_upload_stages"_s);
    const qint64 waitedMs = waited.elapsed();
    trimming.join();

    QVERIFY(hasWaited);
    QCOMPARE(seen, QString::number(Rows));
    QVERIFY2(waitedMs < 4000, qPrintable(QString::number(waitedMs))); // without a limit of its own it were 5 s
    QVERIFY(isThere(m_part) && !isThere(m_over));
    QCOMPARE(ask(u"SELECT count(*) FROM server_trims"_s), u"0"_s);

    QVERIFY(read.exec(u"COMMIT"_s));
    round();
    QVERIFY(!isThere(m_part) && !isThere(m_over));
}

/// A row and its mark that are committed while the month is waited for: its aggregates are to be made anew, and need all of it.
void TestTrimmedMonths::whatIsBeingWrittenIsWaitedFor()
{
    m_rig->onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery write(database);
        QVERIFY2(write.exec(u"BEGIN"_s)
                     && write.exec(u"INSERT INTO fact_upload_stages (upload_id, stage_name, date_key) VALUES (1, 'transfer', %1)"_s.arg(m_month * 100 + 15))
                     && write.exec(u"INSERT INTO ops.dirty_day VALUES (%1)"_s.arg(m_month * 100 + 15)),
                 qPrintable(write.lastError().text()));
        std::thread trimming([this] { round(true); });
        const bool hasWaited = QTest::qWaitFor([this] { return isLockWaitedFor(); }, 10000);
        const bool isCommitted = write.exec(u"COMMIT"_s);
        trimming.join();
        QVERIFY(hasWaited && isCommitted);
    });

    QVERIFY(isThere(m_part));
    QCOMPARE(ask(u"SELECT count(*) FROM fact_upload_stages"_s), QString::number(Rows + 1));
    m_rig->change(u"DELETE FROM ops_dirty_day"_s);
    round(true);
    QVERIFY(!isThere(m_part));
    QCOMPARE(ask(u"SELECT sum(row_count) FROM server_trims"_s), QString::number(Rows + 1));
}

/// A clock that was behind made it once more.
void TestTrimmedMonths::aMonthThatComesBackLeavesAgain()
{
    round();
    QVERIFY(!isThere(m_part));
    makeMonth();
    QVERIFY(isThere(m_part));

    round();

    QVERIFY(!isThere(m_part) && !isThere(m_over));
    QCOMPARE(rowsOf(*m_rig, u"SELECT month, row_count FROM server_trims"_s), QStringList{u"%1|%2"_s.arg(m_month).arg(2 * Rows)});
    // The other tables of the month were whole before it was made again, and are now.
    QCOMPARE(ask(u"SELECT count(*) FROM pg_class WHERE relname IN ('fact_upload_attempts_p%1', 'dim_photos_p%1') AND relispartition"_s.arg(m_month)), u"2"_s);
}

/// Longer than any other statement may take.
void TestTrimmedMonths::aMonthHasTimeToLeave()
{
    store::PostgresAddress hurried = *m_rig->options.retentionLogin;
    hurried.statementTimeoutMs = 500;
    auto opened = server::DatabaseThreads::open({.path = {}, .postgres = hurried, .writers = 1, .readers = 1});
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    m_rig->onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery query(database);
        QVERIFY2(query.exec(u"SELECT detach_month('fact_upload_stages', %1, 30, CURRENT_DATE, false)"_s.arg(m_month)), qPrintable(query.lastError().text()));
        QVERIFY2(query.exec(u"BEGIN"_s) && query.exec(u"SELECT count(*) FROM "_s + m_over), qPrintable(query.lastError().text()));
        std::thread trimming([&opened] { server::trimDetails(**opened, {.isWaitingForMarts = false}); });
        const bool hasTakenLong = QTest::qWaitFor(
            [this] {
                return ask(u"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '600 ms'"_s)
                    != u"0"_s;
            },
            10000);
        const bool isLetGo = query.exec(u"COMMIT"_s);
        trimming.join();
        QVERIFY(hasTakenLong && isLetGo);
    });

    QVERIFY(!isThere(m_over));
    QCOMPARE(ask(u"SELECT sum(row_count) FROM server_trims"_s), QString::number(Rows));
}

QTEST_GUILESS_MAIN(TestTrimmedMonths)
#include "tst_trimmedmonths.moc"
