#include "models/store/starbatch.h"

#include "tests/store/starfixture.h"
#include "tests/store/telemetry.h"
#include "tests/store/wholestar.h"
#include "tests/support/postgresrun.h"

#include <QTest>

#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::store;
using photolift::samples::Told;

/// Many rows in one statement end as the same rows one by one do, on either engine.
class StarBatchTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY2(m_postgres.start(), qPrintable(m_postgres.failure())); }

    void endsAsOneByOne_data();
    void endsAsOneByOne();
    void aReplayChangesNothing();
    void whatIsMergedReplacesItsVersion();
    void whatWasNotMeasuredLeavesTheMedians();
    void whatDoesNotFitIsRefusedAloneAndAlike_data();
    void whatDoesNotFitIsRefusedAloneAndAlike();
    void oneRefusedRowLeavesNothingBehind();
    void manyClientsAtOnceLoseNothing();

private:
    PostgresAddress newDatabase()
    {
        const QString name = u"batch%1"_s.arg(++m_databases);
        if (!m_postgres.makeDatabase(name))
            qFatal("%s", qPrintable(m_postgres.failure()));
        return {.port = m_postgres.port(),
                .database = name,
                .user = m_postgres.user(),
                .password = m_postgres.password(),
                .authorityFile = m_postgres.authorityFile()};
    }

    support::PostgresRun m_postgres;
    int m_databases = 0;
};

namespace {

int oneByOne(const StarFixture &star, const QList<Told> &rows)
{
    StarWriter writer(star.database());
    int applied = 0;
    for (const Told &told : rows) {
        const auto outcome = samples::tell(writer, told);
        if (!outcome)
            qFatal("%s", qPrintable(outcome.error().detail));
        applied += *outcome == StarWriter::Outcome::Applied ? 1 : 0;
    }
    return applied;
}

Result<int> atOnce(const QSqlDatabase &database, const QList<Told> &rows)
{
    StarBatch batch;
    for (const Told &told : rows) {
        if (const Result<> kept = samples::tell(batch, told); !kept)
            return kept.error();
    }
    Transaction transaction(database);
    const Result<int> applied = batch.flush(database);
    if (!applied)
        return applied;
    const Result<> committed = transaction.commit();
    return committed ? applied : Result<int>(committed.error());
}

int inBatches(const StarFixture &star, const QList<Told> &rows, int size)
{
    int applied = 0;
    for (qsizetype from = 0; from < rows.size(); from += size) {
        const Result<int> written = atOnce(star.database(), rows.mid(from, size));
        if (!written)
            qFatal("%s", qPrintable(written.error().detail));
        applied += *written;
    }
    return applied;
}

} // namespace

void StarBatchTest::endsAsOneByOne_data()
{
    QTest::addColumn<unsigned>("seed");
    QTest::addColumn<int>("size");
    for (const unsigned seed : {1U, 2U, 3U}) {
        for (const int size : {7, 60, 1000})
            QTest::addRow("seed %u, %d rows at once", seed, size) << seed << size;
    }
}

void StarBatchTest::endsAsOneByOne()
{
    QFETCH(const unsigned, seed);
    QFETCH(const int, size);
    samples::Telemetry telemetry(seed);
    QList<Told> rows = telemetry.rows(40);
    rows += rows.mid(rows.size() / 2, 150); // some come twice
    std::shuffle(rows.begin(), rows.end(), telemetry.random());
    const StarFixture sqlite;
    const StarFixture postgres(newDatabase());

    QVERIFY(sqlite.database().transaction());
    const int expected = oneByOne(sqlite, rows);
    QVERIFY(sqlite.database().commit());
    const int applied = inBatches(postgres, rows, size);

    const QStringList left = wholeStar(sqlite.database());
    const QStringList right = wholeStar(postgres.database());
    QVERIFY2(left == right, qPrintable(firstDifference(left, right)));
    QCOMPARE(applied, expected);
}

void StarBatchTest::aReplayChangesNothing()
{
    samples::Telemetry telemetry(4);
    const QList<Told> rows = telemetry.rows(30);
    const StarFixture star(newDatabase());
    inBatches(star, rows, 200);
    const QStringList before = wholeStar(star.database());
    (void)star.rows(u"DELETE FROM ops_dirty_day"_s);

    QCOMPARE(inBatches(star, rows, 170), 0);

    QCOMPARE(star.value(u"SELECT count(*) FROM ops_dirty_day"_s), u"0"_s);
    (void)star.rows(u"INSERT INTO ops_dirty_day SELECT DISTINCT date_key FROM fact_upload_attempts "
                    "UNION SELECT date_key FROM fact_client_heartbeats"_s);
    const QStringList after = wholeStar(star.database());
    QVERIFY2(before == after, qPrintable(firstDifference(before, after)));
}

void StarBatchTest::whatIsMergedReplacesItsVersion()
{
    const StarFixture star(newDatabase());
    AttemptRecord attempt = samples::attempt(samples::batch(samples::project()));
    QCOMPARE(*atOnce(star.database(), {{attempt, newUuid7()}}), 1);
    attempt.fileSize = 7;

    QCOMPARE(*atOnce(star.database(), {{attempt, newUuid7()}}), 0);
    StarBatch merged;
    QVERIFY(merged.write(attempt, newUuid7(), StarBatch::SameVersion::Replaces));
    attempt.fileSize = 8;
    QVERIFY(merged.write(attempt, newUuid7(), StarBatch::SameVersion::Replaces));
    QCOMPARE(*merged.flush(star.database()), 2);

    QCOMPARE(star.value(u"SELECT file_size_bytes FROM fact_upload_attempts"_s), u"8"_s);
}

void StarBatchTest::whatWasNotMeasuredLeavesTheMedians()
{
    const BatchRecord batch = samples::batch(samples::project());
    QList<Told> rows;
    const auto tell = [&](std::optional<int> kbps, std::optional<int> latencyMs) {
        AttemptRecord attempt = samples::attempt(batch, samples::SomeTimeMs + 1000 * rows.size());
        attempt.surroundings.network.typicalBandwidthKbps = kbps;
        attempt.surroundings.network.typicalLatencyMs = latencyMs;
        rows.append({attempt, newUuid7()});
    };
    tell(230'349, 12);
    tell(std::nullopt, 14);
    tell(200'000, std::nullopt);
    tell(std::nullopt, std::nullopt);

    for (const int size : {1, 2, 4}) {
        const StarFixture star(newDatabase());
        inBatches(star, rows, size);
        QCOMPARE(star.value(u"SELECT typical_bandwidth_kbps, typical_latency_ms FROM dim_network_connections WHERE signal_strength = 70"_s),
                 u"200000|14"_s);
    }
}

void StarBatchTest::whatDoesNotFitIsRefusedAloneAndAlike_data()
{
    QTest::addColumn<QString>("column");
    for (const char *column : {"stage_duration_ms", "is_successful", "signal_strength", "captured_timestamp", "state"})
        QTest::newRow(column) << QString::fromLatin1(column);
}

void StarBatchTest::whatDoesNotFitIsRefusedAloneAndAlike()
{
    QFETCH(const QString, column);
    const AttemptRecord attempt = samples::attempt(samples::batch(samples::project()));
    Told wrong{attempt, newUuid7()};
    if (column == "signal_strength"_L1)
        std::get<AttemptRecord>(wrong.record).surroundings.network.signalStrength = 101;
    StageRecord stage = samples::stage(attempt, Stage::Transfer);
    if (column == "stage_duration_ms"_L1)
        stage.durationMs = -1;
    else
        stage.endedMs = 1;
    if (column == "stage_duration_ms"_L1 || column == "is_successful"_L1)
        wrong.record = stage;
    if (column == "captured_timestamp"_L1) {
        HeartbeatRecord heartbeat;
        heartbeat.heartbeatId = newUuid7();
        heartbeat.capturedMs = std::numeric_limits<qint64>::max();
        wrong.record = heartbeat;
    }
    if (column == "state"_L1) {
        ProjectRecord project = samples::project();
        project.state = u"lost"_s;
        wrong.record = project;
    }
    const StarFixture star;
    StarWriter writer(star.database());
    StarBatch batch;

    const auto byOne = samples::tell(writer, wrong);
    const auto atOnce = samples::tell(batch, wrong);

    QVERIFY(!byOne);
    QVERIFY(!atOnce);
    QCOMPARE(byOne.error().detail, u"no value for the column "_s + column);
    QCOMPARE(atOnce.error().detail, byOne.error().detail);
}

void StarBatchTest::oneRefusedRowLeavesNothingBehind()
{
    samples::Telemetry telemetry(5);
    QList<Told> rows = telemetry.rows(5);
    std::get<AttemptRecord>(rows[5].record).relativePath = u"a"_s + QChar::Null; // no text of PostgreSQL holds it
    std::get<AttemptRecord>(rows[5].record).rowVersion = 9;
    const StarFixture star(newDatabase());

    const Result<int> refused = atOnce(star.database(), rows);

    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::InternalUnknown);
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_attempts"_s), u"0"_s);
}

void StarBatchTest::manyClientsAtOnceLoseNothing()
{
    const PostgresAddress address = newDatabase();
    const StarFixture star(address);
    constexpr int Clients = 4;
    QList<QList<Told>> rows;
    QList<Told> all;
    for (unsigned i = 0; i < Clients; ++i) {
        samples::Telemetry telemetry(100 + i);
        rows.append(telemetry.rows(40));
        all += rows.last();
    }
    QList<QString> failures(Clients);
    std::vector<std::thread> clients;
    for (int i = 0; i < Clients; ++i) {
        clients.emplace_back([&address, &failure = failures[i], mine = rows[i]] {
            const auto connection = Connection::open(address);
            for (qsizetype from = 0; connection && from < mine.size(); from += 50) {
                Result<int> written = atOnce((*connection)->database(), mine.mid(from, 50));
                if (!written && isConflict(written.error())) // two at one natural key
                    written = atOnce((*connection)->database(), mine.mid(from, 50));
                if (!written)
                    failure = written.error().detail;
            }
        });
    }
    for (std::thread &client : clients)
        client.join();
    QCOMPARE(failures.join(QString()), QString());

    const StarFixture expected;
    QVERIFY(expected.database().transaction());
    oneByOne(expected, all);
    QVERIFY(expected.database().commit());
    const QStringList left = wholeStar(expected.database());
    const QStringList right = wholeStar(star.database());
    QVERIFY2(left == right, qPrintable(firstDifference(left, right)));
}

QTEST_GUILESS_MAIN(StarBatchTest)
#include "tst_starbatch.moc"
