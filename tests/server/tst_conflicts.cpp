#include "app/server/work/databasethreads.h"
#include "app/server/work/statement.h"
#include "models/store/database.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

#include <array>
#include <atomic>
#include <latch>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::server;
using namespace photolift::test;

/// Transactions of PostgreSQL that are in each other's way.
class TestConflicts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aJobIsRepeatedThreeTimes_data();
    void aJobIsRepeatedThreeTimes();
    void nothingElseIsRepeated();
    void whatPassesIsUnavailable_data();
    void whatPassesIsUnavailable();
    void twoThatNeedEachOthersRowBothEnd();
    void monthThatIsMadeUnderARowFailsNothing();
    void checkOfOurOwnIsRepeatedOnce();
    void photosAtATimeAreInNobodysWay_data();
    void photosAtATimeAreInNobodysWay();
    void questionsOfOneDropWaitForNoneOfThem();

private:
    QString note(const QString &key);

    BothEngines m_engines;
    std::unique_ptr<ApiRig> m_rig;
    std::unique_ptr<DatabaseThreads> m_database;
};

void TestConflicts::initTestCase()
{
    QVERIFY2(m_engines.start(), qPrintable(m_engines.failure()));
    m_rig = m_engines.rig(store::Engine::PostgreSql);
    DatabaseThreads::Options options;
    options.postgres = m_rig->options.postgres;
    auto opened = DatabaseThreads::open(options);
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    m_database = *std::move(opened);
}

void TestConflicts::aJobIsRepeatedThreeTimes_data()
{
    QTest::addColumn<QString>("state");
    QTest::addColumn<int>("conflicts");
    QTest::addColumn<int>("runs");
    QTest::addColumn<bool>("isWritten");
    QTest::newRow("serialization, once") << u"40001"_s << 1 << 2 << true;
    QTest::newRow("deadlock, three times") << u"40P01"_s << 3 << 4 << true;
    QTest::newRow("serialization, for ever") << u"40001"_s << 1000 << 4 << false;
    QTest::newRow("deadlock, for ever") << u"40P01"_s << 1000 << 4 << false;
}

void TestConflicts::aJobIsRepeatedThreeTimes()
{
    QFETCH(const QString, state);
    QFETCH(const int, conflicts);
    const QString key = QString::fromUtf8(QTest::currentDataTag());
    int runs = 0;

    const Result<> written = m_database->writeAndWait([&](Writing &writing) -> Result<> {
        ++runs;
        const auto noted = change(writing.database, "INSERT INTO server_state (key, value) VALUES (?, ?)"_L1, {key, QString::number(runs)});
        if (!noted || runs > conflicts)
            return withoutValue(noted);
        QSqlQuery raise(writing.database);
        (void)raise.exec(u"DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '%1'; END $$"_s.arg(state));
        return store::databaseError(writing.database, raise.lastError());
    });

    QTEST(runs, "runs");
    QTEST(bool(written), "isWritten");
    QCOMPARE(note(key), written ? QString::number(runs) : QString()); // of the last run alone
    if (!written)
        QCOMPARE(written.error().code, ErrorCode::ApiUnavailable);
}

void TestConflicts::nothingElseIsRepeated()
{
    int runs = 0;
    const Result<> written = m_database->writeAndWait([&runs](Writing &writing) -> Result<> {
        ++runs;
        return withoutValue(change(writing.database, "INSERT INTO server_state (key, value) VALUES (?, NULL)"_L1, {u"no value"_s}));
    });
    QVERIFY(!written);
    QCOMPARE(runs, 1);
}

void TestConflicts::whatPassesIsUnavailable_data()
{
    QTest::addColumn<QString>("state");
    QTest::addColumn<ErrorCode>("code");
    QTest::newRow("read-only") << u"25006"_s << ErrorCode::ApiUnavailable;
    QTest::newRow("disk full") << u"53100"_s << ErrorCode::ApiUnavailable;
    QTest::newRow("too many connections") << u"53300"_s << ErrorCode::ApiUnavailable;
    QTest::newRow("statement took too long") << u"57014"_s << ErrorCode::ApiUnavailable;
    QTest::newRow("lock took too long") << u"55P03"_s << ErrorCode::ApiUnavailable;
    QTest::newRow("division by zero: a defect") << u"22012"_s << ErrorCode::InternalUnknown;
}

void TestConflicts::whatPassesIsUnavailable()
{
    QFETCH(const QString, state);
    int runs = 0;

    const Result<> written = m_database->writeAndWait([&](Writing &writing) -> Result<> {
        ++runs;
        QSqlQuery raise(writing.database);
        (void)raise.exec(u"DO $$ BEGIN RAISE EXCEPTION 'for a while' USING ERRCODE = '%1'; END $$"_s.arg(state));
        return store::databaseError(writing.database, raise.lastError());
    });

    QVERIFY(!written);
    QTEST(written.error().code, "code");
    QCOMPARE(runs, 1);
}

/// A real deadlock: each has one row and wants the other's.
void TestConflicts::twoThatNeedEachOthersRowBothEnd()
{
    m_rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms)"
                  " VALUES ('a', 'a', 'person', 0), ('b', 'b', 'person', 0)"_s);
    std::latch bothHaveOne(2);
    std::array<std::atomic<int>, 2> runs{};
    std::atomic<int> written = 0;
    for (int me = 0; me < 2; ++me) {
        const QString own = me == 0 ? u"a"_s : u"b"_s;
        const QString other = me == 0 ? u"b"_s : u"a"_s;
        QVERIFY(m_database->write(
            OnBehalfOf::everybody(),
            [&, me, own, other](Writing &writing) -> Result<> {
                const auto take = [&writing](const QString &account) {
                    return withoutValue(change(writing.database, "UPDATE server_accounts SET created_ms = created_ms + 1 WHERE account_id = ?"_L1, {account}));
                };
                if (const Result<> taken = take(own); !taken)
                    return taken;
                if (runs[static_cast<std::size_t>(me)]++ == 0)
                    bothHaveOne.arrive_and_wait();
                return take(other);
            },
            [&written](const Result<> &outcome) { written += outcome ? 1 : 100; }, Isolation::RowByRow));
    }

    QTRY_COMPARE_WITH_TIMEOUT(written.load(), 2, 20000);
    QVERIFY(runs[0] + runs[1] > 2);
    QCOMPARE(m_rig->sql(u"SELECT sum(created_ms) FROM server_accounts WHERE account_id IN ('a', 'b')"_s).toInt(), 4);
}

/// A row on its way into the DEFAULT partition waits for ensure_month, and finds then that it belongs elsewhere.
void TestConflicts::monthThatIsMadeUnderARowFailsNothing()
{
    const auto opened = store::Connection::open(*m_rig->options.workerLogin);
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    QSqlQuery making((*opened)->database());
    QVERIFY2(making.exec(u"BEGIN"_s) && making.exec(u"SELECT ensure_month('2029-05-01')"_s), qPrintable(making.lastError().text()));
    std::atomic<int> runs = 0;
    std::atomic<int> outcome = -1;
    QVERIFY(m_database->write(
        OnBehalfOf::everybody(),
        [&runs](Writing &writing) -> Result<> {
            ++runs;
            return withoutValue(change(writing.database,
                                       "INSERT INTO fact_upload_attempts (date_key, start_timestamp, client_upload_id) VALUES (20290507, now(), ?::uuid)"_L1,
                                       {idText(newUuid7())}));
        },
        [&outcome](const Result<> &written) { outcome = written ? 1 : 0; }));
    const QString waiting = u"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'fact_upload_attempts_default'::regclass"_s;
    QTRY_COMPARE_WITH_TIMEOUT(m_rig->sql(waiting).toInt(), 1, 20000);

    QVERIFY(making.exec(u"COMMIT"_s));

    QTRY_COMPARE_WITH_TIMEOUT(outcome.load(), 1, 20000);
    QCOMPARE(runs.load(), 2);
    QCOMPARE(m_rig->sql(u"SELECT count(*) FROM fact_upload_attempts_p202905"_s).toInt(), 1);
}

void TestConflicts::checkOfOurOwnIsRepeatedOnce()
{
    int runs = 0;
    const Result<> written = m_database->writeAndWait([&runs](Writing &writing) -> Result<> {
        ++runs;
        return withoutValue(change(writing.database,
                                   "INSERT INTO fact_upload_attempts (date_key, start_timestamp, client_upload_id, total_duration_ms)"
                                   " VALUES (20290507, now(), ?::uuid, -1)"_L1,
                                   {idText(newUuid7())}));
    });
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::InternalUnknown);
    QCOMPARE(runs, 2);
}

void TestConflicts::photosAtATimeAreInNobodysWay_data()
{
    QTest::addColumn<QString>("stage");
    QTest::newRow("two commits") << u"reception"_s;
    QTest::newRow("two photos begin to be examined") << u"validation"_s;
    QTest::newRow("two were found sound") << u"metadata_extraction"_s;
    QTest::newRow("two have their metadata") << u"processing"_s;
}

/// Two transactions that have read what they had to, each before the other has committed, in a database that is so small that whole tables are read:
/// all the same none of them has to come again. And a question of the same device waits for neither.
void TestConflicts::photosAtATimeAreInNobodysWay()
{
    QFETCH(const QString, stage);
    const bool areCommits = stage == "reception"_L1;
    const auto rig = m_engines.rig(store::Engine::PostgreSql);
    rig->change(u"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_indexscan = off', current_database());"
                " EXECUTE format('ALTER DATABASE %I SET enable_bitmapscan = off', current_database()); END $$"_s);
    rig->start();
    std::array photos{photoOf(1), photoOf(2), photoOf(3)};
    for (Photo &photo : photos)
        photo.question.batch.numPhotos = 3; // it is counted: who counts it waits for those that are just written
    std::array<wire::Offer, 2> offers;
    for (std::size_t i = 0; i < offers.size(); ++i) {
        offers[i] = rig->ask(photos[i]);
        rig->put(offers[i], photos[i]);
    }
    rig->change(u"CREATE SEQUENCE runs"_s); // counts what was undone, too
    rig->change(u"CREATE FUNCTION run_begins() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM nextval('runs'); RETURN NEW; END $$"_s);
    rig->change(u"CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END $$"_s);
    const QString isStage = u"WHEN (NEW.stage_name = '%1' AND NEW.stage_end_timestamp IS NULL)"_s.arg(stage);
    rig->change(areCommits ? u"CREATE TRIGGER a BEFORE INSERT ON server_requests FOR EACH ROW EXECUTE FUNCTION run_begins()"_s
                           : u"CREATE TRIGGER a BEFORE INSERT ON fact_upload_stages FOR EACH ROW %1 EXECUTE FUNCTION run_begins()"_s.arg(isStage));
    rig->change(u"CREATE TRIGGER b BEFORE INSERT ON fact_upload_stages FOR EACH ROW %1 EXECUTE FUNCTION wait_here()"_s.arg(isStage));
    const QString waiting = u"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"_s;

    std::array<std::shared_ptr<std::optional<ApiRig::Answer>>, 2> answers;
    rig->onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery barrier(database);
        QVERIFY(barrier.exec(u"SELECT pg_advisory_lock(7)"_s));
        for (std::size_t i = 0; i < offers.size(); ++i)
            answers[i] = rig->callLater("POST", "/v1/uploads/" + idText(offers[i].uploadId).toLatin1() + "/commit", jsonBytes(wire::toJson(commitOf(photos[i]))));
        QVERIFY(QTest::qWaitFor([&] { return rig->sql(waiting).toInt() == 2; }, 20000));
        if (areCommits) {
            const auto asked = rig->callLater("POST", "/v1/uploads", jsonBytes(wire::toJson(photos.back().question)));
            QTRY_VERIFY(asked->has_value());
            QCOMPARE((*asked)->status, 200);
        }
        QVERIFY(barrier.exec(u"SELECT pg_advisory_unlock(7)"_s));
    });

    for (std::size_t i = 0; i < offers.size(); ++i) {
        QTRY_VERIFY(answers[i]->has_value());
        QCOMPARE((*answers[i])->status, 202);
        rig->statusWhen(offers[i].uploadId, [](const wire::UploadStatus &status) { return status.status == Status::Succeeded; });
    }
    QCOMPARE(rig->sql(u"SELECT last_value FROM runs"_s).toInt(), areCommits ? 3 : 2); // the question's among them
}

QString TestConflicts::note(const QString &key)
{
    return m_rig->sql(u"SELECT value FROM server_state WHERE key = '%1'"_s.arg(key)).toString();
}

/// Somebody holds the rows of the project and the drop, as a question that is being decided would that writes them.
void TestConflicts::questionsOfOneDropWaitForNoneOfThem()
{
    const auto rig = m_engines.rig(store::Engine::PostgreSql);
    rig->start();
    std::array photos{photoOf(1), photoOf(2)};
    for (Photo &photo : photos)
        photo.question.batch.numPhotos = 2; // counted, so that nobody waits to have its number
    rig->ask(photos[0]);
    rig->onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery holding(database);
        QVERIFY(holding.exec(u"BEGIN"_s));
        QVERIFY(holding.exec(u"SELECT 1 FROM dim_projects FOR NO KEY UPDATE"_s));
        QVERIFY(holding.exec(u"SELECT 1 FROM dim_batches FOR NO KEY UPDATE"_s));
        const auto asked = rig->callLater("POST", "/v1/uploads", jsonBytes(wire::toJson(photos[1].question)));
        QTRY_VERIFY(asked->has_value());
        QCOMPARE((*asked)->status, 200);
        QVERIFY(holding.exec(u"ROLLBACK"_s));
    });
}

QTEST_GUILESS_MAIN(TestConflicts)
#include "tst_conflicts.moc"
