#include "models/store/starbatch.h"
#include "tests/server/apirig.h"
#include "tests/store/queuesamples.h"
#include "tests/store/telemetry.h"
#include "tests/store/wholestar.h"

#include <QJsonArray>
#include <QSqlDriver>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using photolift::samples::Told;
using photolift::store::Engine;
using Kind = wire::MirrorEvent::Kind;

/// F37 to F40: whatever the order, the repeats and the poison, both engines end with the same rows: those of the events one by one, in
/// the order they happened.
class TestIngest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY2(engines.start(), qPrintable(engines.failure())); }

    void whateverTheOrderTheRowsAreTheSame_data();
    void whateverTheOrderTheRowsAreTheSame();
    void poisonIsSetAsideAloneOnBothEngines();
    void aRowOnlyTheDatabaseRefusesIsSetAsideAlone();
    void attemptsReadNoMoreBatchesThanTheyName();
    void aFullQueueAsksToComeBack();
    void whatWasAnsweredOutlivesTheDatabase();

private:
    /// Its database is older than all that is told: nothing is taken for a lost one's.
    std::unique_ptr<ApiRig> rigOn(Engine engine)
    {
        std::unique_ptr<ApiRig> rig = engines.rig(engine);
        rig->start();
        rig->stop();
        rig->change(u"UPDATE server_state SET value = '%1' WHERE key LIKE 'epoch%'"_s.arg(idText(newUuid7(samples::SomeTimeMs - 1))));
        rig->start();
        return rig;
    }

    BothEngines engines;
};

namespace {

QJsonObject rowOf(const Told &told)
{
    return std::visit([](const auto &record) { return toJson(record); }, told.record);
}

wire::MirrorEvent eventOf(const Told &told)
{
    constexpr std::array Kinds{Kind::Project, Kind::Batch, Kind::Attempt, Kind::Stage, Kind::Error, Kind::Photo, Kind::Heartbeat};
    return {told.eventId, Kinds[told.record.index()], rowOf(told)};
}

QList<wire::MirrorEvent> eventsOf(const QList<Told> &rows)
{
    QList<wire::MirrorEvent> events;
    for (const Told &told : rows)
        events.append(eventOf(told));
    return events;
}

/// Whom the server takes the rows for, whatever they say.
void ownAll(QList<Told> &rows)
{
    for (Told &told : rows) {
        if (auto *attempt = std::get_if<AttemptRecord>(&told.record))
            attempt->surroundings.userId = u"local"_s;
    }
}

QStringList starOf(const ApiRig &rig)
{
    QStringList lines;
    rig.onDatabase([&lines](const QSqlDatabase &database) { lines = store::wholeStar(database); });
    return lines;
}

/// How many events were new.
int send(ApiRig &rig, const QList<wire::MirrorEvent> &events)
{
    int applied = 0;
    for (qsizetype from = 0; from < events.size(); from += wire::MaxEventsPerBatch) {
        const ApiRig::Answer answer = rig.events(events.mid(from, wire::MaxEventsPerBatch));
        if (answer.status != 200)
            qFatal("a batch was refused: %d %s", answer.status, qPrintable(answer.code()));
        applied += answer.json.value("applied"_L1).toInt();
    }
    return applied;
}

} // namespace

void TestIngest::whateverTheOrderTheRowsAreTheSame_data()
{
    QTest::addColumn<QString>("order");
    for (const QString &order : {u"F37: 10,000 events, each delivered twice"_s, u"F38: 1,000 seeded permutations, one for each attempt"_s,
                                 u"F38: all events of a month mixed, seeded"_s})
        QTest::newRow(qPrintable(order)) << order;
}

void TestIngest::whateverTheOrderTheRowsAreTheSame()
{
    QFETCH(const QString, order);
    samples::Telemetry telemetry(20261121);
    QList<Told> happened;
    QList<Told> delivered;
    if (order.startsWith("F37"_L1)) {
        happened = telemetry.rows(780);
        QVERIFY(happened.size() > 10'000);
        ownAll(happened);
        delivered = happened + happened;
    } else if (order.contains("permutations"_L1)) {
        for (int i = 0; i < 1000; ++i) {
            QList<Told> story = telemetry.shortAttempt();
            ownAll(story);
            happened += story;
            std::shuffle(story.begin(), story.end(), telemetry.random());
            delivered += story;
        }
    } else {
        happened = telemetry.rows(150);
        ownAll(happened);
        delivered = happened;
        std::shuffle(delivered.begin(), delivered.end(), telemetry.random());
    }

    const store::StarFixture star;
    QVERIFY(star.database().transaction());
    store::StarWriter writer(star.database());
    for (const Told &told : std::as_const(happened))
        QVERIFY(samples::tell(writer, told));
    QVERIFY(star.database().commit());
    const QStringList expected = store::wholeStar(star.database());
    const QList<wire::MirrorEvent> events = eventsOf(delivered);
    QList<int> applied;
    for (const Engine engine : {Engine::Sqlite, Engine::PostgreSql}) {
        const std::unique_ptr<ApiRig> rig = rigOn(engine);
        applied.append(send(*rig, events));
        const QStringList actual = starOf(*rig);
        QVERIFY2(actual == expected, qPrintable(store::firstDifference(expected, actual)));
    }

    QCOMPARE(applied.first(), applied.last());
    if (order.startsWith("F37"_L1))
        QCOMPARE(applied.first(), happened.size());
}

void TestIngest::poisonIsSetAsideAloneOnBothEngines()
{
    samples::Telemetry telemetry(39);
    QList<Told> rows = telemetry.rows(40).mid(0, 500);
    ownAll(rows);
    QList<wire::MirrorEvent> events = eventsOf(rows);
    const auto poison = [&events](int index, QLatin1StringView field, const QJsonValue &value) { events[index].row.insert(field, value); };
    poison(100, "row_version"_L1, u"two"_s);
    poison(200, "colour"_L1, u"red"_s);
    poison(300, "start_timestamp"_L1, u"'); DROP TABLE dim_users; --"_s);
    const auto findStage = [&events](qsizetype from) {
        while (events.at(from).kind != Kind::Stage)
            ++from;
        return static_cast<int>(from);
    };
    const int negative = findStage(400);
    poison(negative, "stage_duration_ms"_L1, -1);
    const int nul = findStage(negative + 1);
    poison(nul, "stage_metadata"_L1, QJsonObject{{u"note"_s, QString(QChar::Null)}});

    QList<QStringList> stars;
    for (const Engine engine : {Engine::Sqlite, Engine::PostgreSql}) {
        const std::unique_ptr<ApiRig> rig = rigOn(engine);
        const ApiRig::Answer answer = rig->events(events, "poisoned");
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.json.value("set_aside"_L1).toArray(), (QJsonArray{100, 200, 300, negative, nul}));
        QCOMPARE(rig->sql(u"SELECT count(*) FROM staging_batch"_s).toInt(), 1);
        QVERIFY(rig->sql(u"SELECT payload FROM staging_batch"_s).toString().contains("DROP TABLE"_L1));
        stars.append(starOf(*rig));
    }
    QVERIFY2(stars.first() == stars.last(), qPrintable(store::firstDifference(stars.first(), stars.last())));
}

void TestIngest::aRowOnlyTheDatabaseRefusesIsSetAsideAlone()
{
    const std::unique_ptr<ApiRig> rig = rigOn(Engine::PostgreSql);
    samples::Telemetry telemetry(7);
    QList<Told> rows = telemetry.rows(10);
    ownAll(rows);
    auto &attempt = std::get<AttemptRecord>(rows[5].record);
    while (attempt.surroundings.device.deviceId.size() < 20'000) // longer than an entry of an index may be
        attempt.surroundings.device.deviceId += idText(newUuid7());

    const ApiRig::Answer answer = rig->events(eventsOf(rows));

    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.json.value("set_aside"_L1).toArray(), QJsonArray{5});
    QCOMPARE(answer.json.value("applied"_L1).toInt(), rows.size() - 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts WHERE row_version = 2"_s).toInt(), 10);
    QCOMPARE(rig->events(eventsOf(telemetry.rows(2))).status, 200); // nobody behind it is blocked
}

/// On a new database PostgreSQL takes every table for one of a few rows, for as long as the plans are kept that it makes then.
void TestIngest::attemptsReadNoMoreBatchesThanTheyName()
{
    constexpr int Attempts = 300;
    const ProjectRecord project = samples::project();
    QList<BatchRecord> drops;
    for (int i = 0; i < 60; ++i)
        drops.append(samples::batch(project));
    const std::unique_ptr<ApiRig> rig = rigOn(Engine::PostgreSql);

    qint64 readBefore = 0;
    qint64 readAfter = 0;
    rig->onDatabase([&](const QSqlDatabase &database) {
        const auto ask = [&database](const QString &statement) {
            QSqlQuery query(database);
            if (!query.exec(statement))
                qFatal("%s", qPrintable(query.lastError().text()));
            return query.next() ? query.value(0) : QVariant();
        };
        const auto batchesRead = [&ask] {
            ask(u"SELECT pg_stat_force_next_flush()"_s);
            return ask(u"SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'dim_batches'"_s).toLongLong();
        };
        ask(u"SET SESSION AUTHORIZATION photolift_app"_s);
        ask(u"SELECT set_config('photolift.account', 'local', false)"_s);
        store::StarBatch first;
        VERIFY_OK(first.write(project, newUuid7()));
        VERIFY_OK(first.write(drops.first(), newUuid7()));
        VERIFY_OK(first.write(samples::attempt(drops.first()), newUuid7()));
        VERIFY_OK(first.flush(database)); // the plans of now are kept
        store::StarBatch more;
        for (const BatchRecord &drop : drops)
            VERIFY_OK(more.write(drop, newUuid7()));
        VERIFY_OK(more.flush(database));
        store::StarBatch then;
        for (int i = 0; i < Attempts; ++i)
            VERIFY_OK(then.write(samples::attempt(drops.at(i % 2)), newUuid7()));
        readBefore = batchesRead();
        VERIFY_OK(then.flush(database));
        readAfter = batchesRead();
    });

    QVERIFY(readBefore > 0);
    QVERIFY2(readAfter - readBefore < 10 * drops.size(), qPrintable(u"%1 rows of batches for %2 attempts"_s.arg(readAfter - readBefore).arg(Attempts)));
}

void TestIngest::aFullQueueAsksToComeBack()
{
    const std::unique_ptr<ApiRig> rig = engines.rig(Engine::PostgreSql);
    rig->options.waitingRequests = 2;
    rig->options.writingThreads = 1;
    rig->options.readingThreads = 1;
    rig->start();
    samples::Telemetry telemetry(9);
    QByteArray body;
    for (const wire::MirrorEvent &event : eventsOf(telemetry.rows(5)))
        body += jsonBytes(wire::toJson(event)) + '\n';

    QList<std::shared_ptr<std::optional<ApiRig::Answer>>> answers;
    rig->onDatabase([&](const QSqlDatabase &database) { // somebody holds what every batch has to write
        QVERIFY(database.driver()->beginTransaction());
        QVERIFY(QSqlQuery(database).exec(u"LOCK TABLE fact_upload_attempts, dim_projects, server_requests"_s));
        while (answers.size() < 10)
            answers.append(rig->callLater("POST", "/v1/events", body));
        QTRY_VERIFY(std::any_of(answers.begin(), answers.end(), [](const auto &answer) { return answer->has_value(); }));
        QVERIFY(database.driver()->commitTransaction());
    });

    QTRY_VERIFY(std::all_of(answers.begin(), answers.end(), [](const auto &answer) { return answer->has_value(); }));
    int refused = 0;
    for (const auto &answer : std::as_const(answers)) {
        const ApiRig::Answer &said = **answer;
        if (said.status == 200)
            continue;
        ++refused;
        QCOMPARE(said.status, 503);
        QVERIFY(std::any_of(said.headers.begin(), said.headers.end(), [](const auto &header) { return header.first == "Retry-After"; }));
    }
    QVERIFY(refused > 0);
    QVERIFY(refused < answers.size());
}

/// F40, short: the database is restarted in the middle of its work, three times, without being asked to finish.
void TestIngest::whatWasAnsweredOutlivesTheDatabase()
{
    const std::unique_ptr<ApiRig> rig = rigOn(Engine::PostgreSql);
    samples::Telemetry telemetry(40);
    QList<Told> rows = telemetry.rows(200);
    ownAll(rows);
    const QList<wire::MirrorEvent> events = eventsOf(rows);
    constexpr int Size = 60;
    int unavailable = 0;
    int nextRestart = 5;

    int sent = 0;
    for (qsizetype from = 0; from < events.size(); from += Size, ++sent) {
        std::thread restart;
        if (sent == nextRestart && nextRestart < 36) {
            nextRestart += 13;
            restart = std::thread([this] {
                engines.postgres().kill();
                if (!engines.postgres().start())
                    qFatal("%s", qPrintable(engines.postgres().failure()));
            });
        }
        // What was not answered comes again, as the mirror does it.
        const auto isTaken = [&] {
            const ApiRig::Answer answer = rig->events(events.mid(from, Size));
            if (answer.status == 503)
                ++unavailable;
            else if (answer.status != 200)
                qFatal("neither taken nor asked to come back: %d %s", answer.status, qPrintable(answer.code()));
            return answer.status == 200;
        };
        const bool isDone = QTest::qWaitFor(isTaken, 20000); // asks until it is; QTRY_VERIFY would ask once more
        if (restart.joinable())
            restart.join();
        QVERIFY(isDone);
    }

    const store::StarFixture star;
    QVERIFY(star.database().transaction());
    store::StarWriter writer(star.database());
    for (const Told &told : std::as_const(rows))
        QVERIFY(samples::tell(writer, told));
    QVERIFY(star.database().commit());
    const QStringList expected = store::wholeStar(star.database());
    const QStringList actual = starOf(*rig);
    QVERIFY2(actual == expected, qPrintable(store::firstDifference(expected, actual)));
    QVERIFY(unavailable > 0);
}

QTEST_GUILESS_MAIN(TestIngest)
#include "tst_ingest.moc"
