#include "models/store/database.h"
#include "models/store/dialect.h"
#include "models/store/starwriter.h"

#include "tests/store/samples.h"
#include "tests/store/starfixture.h"
#include "tests/support/postgresrun.h"

#include <QTest>

#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using photolift::store::Engine;
using photolift::store::PostgresAddress;
using photolift::store::StarFixture;
using photolift::store::StarWriter;

/// What only PostgreSQL has: partitions, many writers at once, TLS, a server that goes away.
class PostgresTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY2(m_postgres.start(), qPrintable(m_postgres.failure())); }
    void init()
    {
        m_name = u"star%1"_s.arg(++m_databases);
        QVERIFY2(m_postgres.makeDatabase(m_name), qPrintable(m_postgres.failure()));
    }

    void statementsAreWrittenOnceForBothEngines();
    void aMonthIsMadeOnceAndTakesWhatCameBeforeIt();
    void aMonthIsFoundByItsDays();
    void migratingAgainAndAtTheSameTimeChangesNothing();
    void manyWritersAgreeOnTheDimensions();
    void everyDayHasItsCalendar();
    void wrongPasswordAndWrongCertificateAreRefused();
    void olderAndNewerSchemasAreToldInASentence();
    void commitsAreOnDiskWhateverTheServerSays();
    void versionsWithoutTheFixAreRefused_data();
    void versionsWithoutTheFixAreRefused();
    void aServerThatWentAwayIsAPassingCondition();

private:
    PostgresAddress address() const
    {
        return {.port = m_postgres.port(),
                .database = m_name,
                .user = m_postgres.user(),
                .password = m_postgres.password(),
                .authorityFile = m_postgres.authorityFile()};
    }

    support::PostgresRun m_postgres;
    QString m_name;
    int m_databases = 0;
};

void PostgresTest::statementsAreWrittenOnceForBothEngines()
{
    const QString sql = u"INSERT INTO ops_dirty_day VALUES (ms(?)) ON CONFLICT (a{, date_key}) DO UPDATE SET b = 1{, c = f()}"_s;
    QCOMPARE(store::inDialect(sql, Engine::Sqlite), u"INSERT INTO ops_dirty_day VALUES (?) ON CONFLICT (a) DO UPDATE SET b = 1"_s);
    QCOMPARE(store::inDialect(sql, Engine::PostgreSql),
             u"INSERT INTO ops.dirty_day VALUES (ms(?)) ON CONFLICT (a, date_key) DO UPDATE SET b = 1, c = f()"_s);
    QCOMPARE(store::inDialect(u"SELECT unix_ms(a.start_timestamp), sums(b)"_s, Engine::Sqlite), u"SELECT a.start_timestamp, sums(b)"_s);
}

void PostgresTest::aMonthIsMadeOnceAndTakesWhatCameBeforeIt()
{
    const StarFixture star(address());
    StarWriter writer(star.database());
    const AttemptRecord attempt = samples::attempt(samples::batch(samples::project())); // of 2026-11-18, without its month
    QVERIFY(writer.write(attempt, newUuid7()));
    QVERIFY(writer.write(samples::stage(attempt, Stage::Transfer), newUuid7()));
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_attempts_default"_s), u"1"_s);

    for (int i = 0; i < 2; ++i)
        (void)star.rows(u"SELECT ensure_month('2026-11-30')"_s);

    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_attempts_default"_s), u"0"_s);
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_attempts_p202611"_s), u"1"_s);
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_stages_p202611"_s), u"1"_s);
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_attempts"_s), u"1"_s);
    const auto again = writer.write(attempt, newUuid7());
    QVERIFY(again);
    QCOMPARE(*again, StarWriter::Outcome::Repeated);
}

void PostgresTest::aMonthIsFoundByItsDays()
{
    const StarFixture star(address());
    for (const QString &day : {u"2026-12-31"_s, u"2027-01-01"_s, u"2027-02-28"_s})
        (void)star.rows(u"SELECT ensure_month('%1')"_s.arg(day));
    QCOMPARE(star.rows(u"SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid "
                       "WHERE i.inhparent = 'fact_upload_errors'::regclass ORDER BY 1"_s),
             (QStringList{u"DEFAULT"_s, u"FOR VALUES FROM (20261200) TO (20270100)"_s, u"FOR VALUES FROM (20270100) TO (20270200)"_s,
                          u"FOR VALUES FROM (20270200) TO (20270300)"_s}));
}

void PostgresTest::migratingAgainAndAtTheSameTimeChangesNothing()
{
    QList<Result<>> outcomes(4);
    std::vector<std::thread> servers;
    for (Result<> &outcome : outcomes) {
        servers.emplace_back([&outcome, where = address()] {
            const auto connection = store::Connection::open(where);
            outcome = connection ? store::migrate((*connection)->database(), {u"star"_s}) : Result<>(connection.error());
        });
    }
    for (std::thread &server : servers)
        server.join();
    for (const Result<> &outcome : std::as_const(outcomes))
        QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().detail));
    const StarFixture star(address());
    QCOMPARE(star.rows(u"SELECT series, version FROM schema_versions ORDER BY 2"_s), (QStringList{u"star|1"_s, u"star|2"_s, u"star|3"_s, u"star|4"_s}));
}

void PostgresTest::manyWritersAgreeOnTheDimensions()
{
    const StarFixture star(address());
    constexpr int Writers = 6;
    const BatchRecord batch = samples::batch(samples::project());
    QList<QString> failures(Writers);
    std::vector<std::thread> writers;
    for (int i = 0; i < Writers; ++i) {
        writers.emplace_back([&failure = failures[i], where = address(), &batch, i] {
            const auto connection = store::Connection::open(where);
            if (!connection) {
                failure = connection.error().detail;
                return;
            }
            StarWriter writer((*connection)->database());
            for (int n = 0; n < 20; ++n) {
                AttemptRecord attempt = samples::attempt(batch, samples::SomeTimeMs + 1000 * i + n);
                attempt.surroundings.network.signalStrength = 5 * (n % 20);
                const auto written = writer.write(attempt, newUuid7());
                if (!written)
                    failure = written.error().detail;
            }
        });
    }
    for (std::thread &writer : writers)
        writer.join();
    QCOMPARE(failures.join(QString()), QString());
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_attempts WHERE network_connection_key > 0 AND device_key > 0"_s).toInt(), Writers * 20);
    QCOMPARE(star.value(u"SELECT count(*) FROM dim_network_connections WHERE network_connection_key > 0"_s), u"20"_s);
    QCOMPARE(star.value(u"SELECT count(*) FROM dim_devices WHERE device_key > 0"_s), u"1"_s);
    QCOMPARE(star.value(u"SELECT count(*) FROM dim_batches WHERE batch_key > 0"_s), u"1"_s);
}

void PostgresTest::everyDayHasItsCalendar()
{
    const StarFixture postgres(address());
    const StarFixture sqlite;
    const QString calendar = u"SELECT date_key, full_date, year, quarter, month, month_name, iso_year, iso_week, day_of_month, day_of_week, "
                             "day_name, is_weekend, is_holiday, week_start_date, month_start_date FROM dim_dates ORDER BY date_key"_s;
    QCOMPARE(postgres.rows(calendar), sqlite.rows(calendar));
    const QString statuses = u"SELECT * FROM dim_upload_status ORDER BY 1"_s;
    QCOMPARE(postgres.rows(statuses), sqlite.rows(statuses));
}

void PostgresTest::wrongPasswordAndWrongCertificateAreRefused()
{
    PostgresAddress stranger = address();
    stranger.password = u"guessed"_s;
    QVERIFY(!store::Connection::open(stranger));
    PostgresAddress misled = address();
    misled.authorityFile = u"/etc/ssl/certs/ca-certificates.crt"_s;
    QVERIFY(!store::Connection::open(misled));
    // The right authority, and the name of another host: reached all the same, as by a forged answer of the name service.
    PostgresAddress forged = address();
    qputenv("PGHOSTADDR", "127.0.0.1");
    forged.host = u"localhost"_s;
    const bool isTakenByItsName = bool(store::Connection::open(forged));
    forged.host = u"database.example.org"_s;
    const bool isTakenByAnother = bool(store::Connection::open(forged));
    qunsetenv("PGHOSTADDR");
    QVERIFY(isTakenByItsName);
    QVERIFY(!isTakenByAnother);
    PostgresAddress elsewhere = address();
    elsewhere.port = 1;
    const auto refused = store::Connection::open(elsewhere);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::ApiUnavailable);
}

void PostgresTest::olderAndNewerSchemasAreToldInASentence()
{
    const auto empty = store::Connection::open(address());
    QVERIFY(empty);
    const QSqlDatabase database = (*empty)->database();
    const Result<> nothing = store::checkSchema(database, {u"star"_s});
    QVERIFY(!nothing);
    QVERIFY2(nothing.error().detail.contains("photolift-server migrate"_L1), qPrintable(nothing.error().detail));
    const StarFixture star(address());
    QVERIFY(store::checkSchema(database, {u"star"_s}));

    (void)star.rows(u"DELETE FROM schema_versions WHERE version = (SELECT max(version) FROM schema_versions)"_s);
    const Result<> older = store::checkSchema(database, {u"star"_s});
    (void)star.rows(u"INSERT INTO schema_versions VALUES ('star', 999, 'x', 0)"_s);
    const Result<> newer = store::checkSchema(database, {u"star"_s});

    QVERIFY(!older && older.error().detail.startsWith("The database is older than this program."_L1));
    QVERIFY(!newer && newer.error().detail.startsWith("The database belongs to a newer photolift-server."_L1));
    QCOMPARE(newer.error().code, ErrorCode::LocalListTooNew);
}

void PostgresTest::commitsAreOnDiskWhateverTheServerSays()
{
    const StarFixture star(address()); // the server itself runs with synchronous_commit=off
    QCOMPARE(star.value(u"SELECT setting FROM pg_settings WHERE name = 'synchronous_commit'"_s), u"on"_s);
    QCOMPARE(star.value(u"SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'"_s), u"off"_s);
    QVERIFY(store::checkPostgres(star.database()));

    (void)star.rows(u"SET synchronous_commit = local"_s);
    const Result<> refused = store::checkPostgres(star.database());

    QVERIFY(!refused && refused.error().detail.contains("synchronous_commit is local"_L1));
}

void PostgresTest::versionsWithoutTheFixAreRefused_data()
{
    QTest::addColumn<int>("number");
    QTest::addColumn<bool>("isTrusted");
    QTest::newRow("nothing that is a version -> refused") << 0 << false;
    QTest::newRow("14.19 -> refused, however mended") << 140'019 << false;
    QTest::newRow("15.0 -> refused") << 150'000 << false;
    QTest::newRow("15.13 -> refused") << 150'013 << false;
    QTest::newRow("15.14 -> taken") << 150'014 << true;
    QTest::newRow("15.18 -> taken") << 150'018 << true;
    QTest::newRow("16.0 -> refused") << 160'000 << false;
    QTest::newRow("16.9 -> refused") << 160'009 << false;
    QTest::newRow("16.10 -> taken") << 160'010 << true;
    QTest::newRow("17.0 -> refused") << 170'000 << false;
    QTest::newRow("17.5 -> refused") << 170'005 << false;
    QTest::newRow("17.6 -> taken") << 170'006 << true;
    QTest::newRow("18.0 -> taken") << 180'000 << true;
    QTest::newRow("19.2 -> taken") << 190'002 << true;
}

void PostgresTest::versionsWithoutTheFixAreRefused()
{
    QFETCH(int, number);
    QFETCH(bool, isTrusted);

    const Result<> trusted = store::checkPostgresVersion(number);

    QCOMPARE(bool(trusted), isTrusted);
    if (!isTrusted)
        QVERIFY2(trusted.error().detail.endsWith(u"This one is %1.%2"_s.arg(number / 10'000).arg(number % 10'000)), qPrintable(trusted.error().detail));
}

void PostgresTest::aServerThatWentAwayIsAPassingCondition()
{
    const StarFixture star(address());
    StarWriter writer(star.database());
    m_postgres.kill();

    const auto refused = writer.write(samples::attempt(samples::batch(samples::project())), newUuid7());

    QVERIFY(!refused);
    QVERIFY2(refused.error().code == ErrorCode::ApiUnavailable, qPrintable(refused.error().detail));
    for (int i = 0; i < 2; ++i) { // the driver says why only once
        QSqlQuery more(star.database());
        QVERIFY(!more.exec(u"SELECT 1"_s));
        QCOMPARE(store::databaseError(star.database(), more.lastError()).code, ErrorCode::ApiUnavailable);
        star.database().close();
    }
    QVERIFY2(m_postgres.start(), qPrintable(m_postgres.failure()));
    const auto again = store::Connection::open(address());
    QVERIFY2(again, qPrintable(again ? QString() : again.error().detail));
}

QTEST_GUILESS_MAIN(PostgresTest)
#include "tst_postgres.moc"
