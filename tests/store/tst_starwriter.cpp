#include "models/store/starwriter.h"

#include "tests/store/samples.h"
#include "tests/store/starfixture.h"
#include "tests/support/postgresrun.h"

#include <QtTest>

#include <random>

using namespace Qt::StringLiterals;
using namespace photolift;
using photolift::store::StarFixture;
using photolift::store::StarWriter;
using photolift::store::Engine;
using photolift::store::Transaction;
using Outcome = StarWriter::Outcome;

namespace {

/// One row on its way to the star, with the id it travels under.
struct Event {
    QUuid id;
    std::variant<ProjectRecord, BatchRecord, AttemptRecord, StageRecord, ErrorRecord, PhotoRecord, HeartbeatRecord> row;
};

Result<Outcome> apply(StarWriter &star, const Event &event)
{
    return std::visit(
        [&](const auto &row) -> Result<Outcome> {
            using Row = std::decay_t<decltype(row)>;
            if constexpr (std::is_same_v<Row, ErrorRecord>)
                return star.write(row);
            else if constexpr (std::is_same_v<Row, HeartbeatRecord>)
                return star.write(row, samples::SomeTimeMs);
            else
                return star.write(row, event.id);
        },
        event.row);
}

/// Everything that two photos of one drop record: one goes well at the second try of its transfer, one fails, and meanwhile
/// the system learns its bandwidth and the project is renamed.
QList<Event> wholeStory()
{
    QList<Event> events;
    qint64 clock = samples::SomeTimeMs;
    const auto add = [&](const auto &row) { events.append({newUuid7(++clock), row}); };

    ProjectRecord project = samples::project();
    add(project);
    BatchRecord batch = samples::batch(project);
    add(batch);
    for (int i = 0; i < 2; ++i) {
        const bool isGood = i == 0;
        AttemptRecord attempt = samples::attempt(batch, samples::SomeTimeMs + 1000 * i);
        add(attempt);
        for (const Stage name : {Stage::Selection, Stage::Preprocessing, Stage::Initiation, Stage::Transfer, Stage::Verification}) {
            const StageRecord begun = samples::stage(attempt, name);
            add(begun);
            if (name == Stage::Preprocessing)
                add(samples::photo(attempt));
            if (name == Stage::Transfer) {
                add(samples::error(attempt, Stage::Transfer, ErrorCode::TransferConnectionLost));
                attempt.surroundings.network.typicalBandwidthKbps = 40'000 + i;
                attempt.status = Status::WaitingToRetry;
                ++attempt.rowVersion;
                add(attempt);
                if (!isGood) {
                    add(samples::ended(begun, false));
                    break;
                }
            }
            add(samples::ended(begun));
        }
        if (isGood) {
            for (const Stage name : {Stage::Reception, Stage::Validation, Stage::Indexing})
                add(samples::ended(samples::stage(attempt, name)));
            PhotoRecord completed = samples::photo(attempt);
            completed.width = 6000;
            completed.storageLocation = u"folder"_s;
            completed.rowVersion = 2;
            add(completed);
        }
        attempt.status = isGood ? Status::Succeeded : Status::Failed;
        attempt.endedMs = attempt.startedMs + 2000;
        ++attempt.rowVersion;
        add(attempt);
    }
    project.name = u"Wedding"_s;
    add(project);
    batch.numPhotos = 2;
    batch.totalBytes = 10'000'000;
    add(batch);
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7(++clock);
    heartbeat.capturedMs = clock;
    heartbeat.surroundings = samples::surroundings();
    heartbeat.metrics = {{u"queue_waiting"_s, 2}};
    add(heartbeat);
    return events;
}

/// The star without the numbers of its rows: natural keys only.
QStringList wholeState(const StarFixture &star)
{
    return star.rows(u"SELECT 'attempt', client_upload_id, status_name, unix_ms(start_timestamp), unix_ms(end_timestamp), device_id, app_version_number, "
                     "connection_type, signal_strength, a.date_key, file_size_bytes, num_photos_in_batch, is_batch_upload, "
                     "project_name, batch_name, item_id, attempt_number, a.row_version, a.event_id "
                     "FROM fact_upload_attempts a JOIN dim_upload_status USING (upload_status_key) JOIN dim_devices USING (device_key) "
                     "JOIN dim_app_versions USING (app_version_key) JOIN dim_network_connections USING (network_connection_key) "
                     "JOIN dim_projects p ON p.project_key = a.project_key JOIN dim_batches b ON b.batch_key = a.batch_key ORDER BY 2"_s)
        + star.rows(u"SELECT 'stage', client_upload_id, stage_name, unix_ms(stage_start_timestamp), unix_ms(stage_end_timestamp), is_successful, s.retry_count, "
                    "s.date_key, s.row_version, s.event_id FROM fact_upload_stages s JOIN fact_upload_attempts USING (upload_id) ORDER BY 2, 3"_s)
        + star.rows(u"SELECT 'error', error_uid, client_upload_id, stage_name, error_code, error_type, error_severity, e.date_key "
                    "FROM fact_upload_errors e JOIN fact_upload_attempts USING (upload_id) LEFT JOIN fact_upload_stages USING (stage_id) ORDER BY 2"_s)
        + star.rows(u"SELECT 'photo', client_upload_id, photo_type_name, storage_provider, width_pixels, p.row_version FROM dim_photos p "
                    "JOIN fact_upload_attempts USING (upload_id) JOIN dim_photo_types USING (photo_type_key) "
                    "JOIN dim_storage_locations USING (storage_location_key) ORDER BY 2"_s)
        + star.rows(u"SELECT 'project', project_id, project_name, state, event_id FROM dim_projects ORDER BY 2"_s)
        + star.rows(u"SELECT 'batch', batch_id, batch_name, project_name, num_photos, total_bytes, b.event_id FROM dim_batches b "
                    "JOIN dim_projects USING (project_key) ORDER BY 2"_s)
        + star.rows(u"SELECT 'network', connection_type, signal_strength, typical_bandwidth_kbps, described_by "
                    "FROM dim_network_connections ORDER BY 2, 3"_s)
        + star.rows(u"SELECT 'device', device_id, memory_mb FROM dim_devices ORDER BY 2"_s)
        + star.rows(u"SELECT 'heartbeat', heartbeat_id, metrics FROM fact_client_heartbeats ORDER BY 2"_s)
        + star.rows(u"SELECT DISTINCT 'dirty', date_key FROM ops_dirty_day ORDER BY 2"_s);
}

} // namespace

class StarWriterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void initTestCase();
    void init();
    void cleanup() { m_star.reset(); }

    void theSameTenThousandEventsTwiceAreStoredOnce();
    void everyOrderOfArrivalGivesTheSameEnd();
    void stageBeforeItsAttemptIsKept();
    void lateOlderVersionChangesNothing();
    void stageThatEndedWithoutSayingHowIsRefused();
    void unknownsAreNullAndKeyZero();
    void signalIsRoundedDown();
    void aStartWithoutMeasurementsLeavesTheMedians();
    void kindsOfPhotosSayWhatTheyAre();
    void theLocalUserIsAPerson();
    void attemptsOfACountedBatchKnowItsSize();
    void equalBatchesAndProjectsAreOneRow();
    void dayIsTheUtcDayOfTheId_data();
    void dayIsTheUtcDayOfTheId();

private:
    support::PostgresRun m_postgres;
    int m_databases = 0;
    std::unique_ptr<StarFixture> m_star; ///< empty, of the engine whose turn it is
};

void StarWriterTest::initTestCase_data()
{
    QTest::addColumn<Engine>("engine");
    QTest::newRow("SQLite") << Engine::Sqlite;
    QTest::newRow("PostgreSQL") << Engine::PostgreSql;
}

void StarWriterTest::initTestCase()
{
    QVERIFY2(m_postgres.start(), qPrintable(m_postgres.failure()));
}

void StarWriterTest::init()
{
    QFETCH_GLOBAL(Engine, engine);
    if (engine == Engine::Sqlite) {
        m_star = std::make_unique<StarFixture>();
        return;
    }
    const QString name = u"star%1"_s.arg(++m_databases);
    QVERIFY2(m_postgres.makeDatabase(name), qPrintable(m_postgres.failure()));
    m_star = std::make_unique<StarFixture>(store::PostgresAddress{.port = m_postgres.port(),
                                                                  .database = name,
                                                                  .user = m_postgres.user(),
                                                                  .password = m_postgres.password(),
                                                                  .authorityFile = m_postgres.authorityFile(),
                                                                  .statementTimeoutMs = 60'000});
    QCOMPARE(m_star->rows(u"SELECT ensure_month('2026-11-18')"_s).size(), 1);
}

void StarWriterTest::theSameTenThousandEventsTwiceAreStoredOnce() // F37
{
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    const BatchRecord batch = samples::batch(samples::project());
    QFETCH_GLOBAL(Engine, engine);
    const int many = engine == Engine::Sqlite ? 10'000 : 1'000; // a statement costs ten times as much there
    QList<Event> events;
    while (events.size() < many) {
        const AttemptRecord attempt = samples::attempt(batch, samples::SomeTimeMs + events.size());
        events.append({newUuid7(), attempt});
        events.append({newUuid7(), samples::ended(samples::stage(attempt, Stage::Selection))});
        events.append({newUuid7(), samples::error(attempt, Stage::Selection, ErrorCode::SelectionStillWriting)});
        events.append({newUuid7(), samples::photo(attempt)});
    }

    int applied = 0;
    int repeated = 0;
    for (int pass = 0; pass < 3; ++pass) {
        Transaction transaction(star.database());
        for (const Event &event : std::as_const(events)) {
            const Result<Outcome> outcome = apply(writer, event);
            QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().detail));
            ++(*outcome == Outcome::Applied ? applied : repeated);
        }
        QVERIFY(transaction.commit());
    }

    QCOMPARE(applied, events.size());
    QCOMPARE(repeated, 2 * events.size());
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_attempts"_s).toInt(), many / 4);
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_stages"_s).toInt(), many / 4);
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_errors"_s).toInt(), many / 4);
    QCOMPARE(star.value(u"SELECT count(*) FROM dim_photos WHERE photo_key > 0"_s).toInt(), many / 4);
}

void StarWriterTest::everyOrderOfArrivalGivesTheSameEnd() // F38
{
    const QList<Event> story = wholeStory();
    const QStringList tables{u"fact_upload_attempts"_s, u"fact_upload_stages"_s, u"fact_upload_errors"_s, u"fact_client_heartbeats"_s,
                             u"ops_dirty_day"_s};
    const QList<QPair<QString, QString>> dimensions{{u"dim_photos"_s, u"photo_key"_s},
                                                    {u"dim_projects"_s, u"project_key"_s},
                                                    {u"dim_batches"_s, u"batch_key"_s},
                                                    {u"dim_devices"_s, u"device_key"_s},
                                                    {u"dim_network_connections"_s, u"network_connection_key"_s}};
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    std::mt19937 random(38);
    QStringList expected;
    QFETCH_GLOBAL(Engine, engine);
    const int permutations = engine == Engine::Sqlite ? 1000 : 100;

    for (int permutation = 0; permutation <= permutations; ++permutation) {
        QList<Event> order = story;
        if (permutation > 0) // the first one is the order of life
            std::shuffle(order.begin(), order.end(), random);
        Transaction transaction(star.database());
        for (const Event &event : std::as_const(order)) {
            const Result<Outcome> outcome = apply(writer, event);
            QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().detail));
        }
        const QStringList state = wholeState(star);
        if (permutation == 0) {
            expected = state;
            QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_attempts WHERE row_version = 3"_s), u"2"_s);
            QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_attempts WHERE num_photos_in_batch = 2"_s), u"2"_s);
        }
        QVERIFY2(state == expected, qPrintable(u"permutation %1 differs:\n"_s.arg(permutation) + state.join(u'\n') + u"\nexpected:\n"_s
                                               + expected.join(u'\n')));
        // Rolled back at the end of the turn: the next one starts from an empty star.
    }
    for (const QString &table : tables)
        QCOMPARE(star.value(u"SELECT count(*) FROM "_s + table), u"0"_s);
    for (const auto &[table, key] : dimensions)
        QCOMPARE(star.value(u"SELECT count(*) FROM "_s + table + u" WHERE "_s + key + u" > 0"_s), u"0"_s);
}

void StarWriterTest::stageBeforeItsAttemptIsKept()
{
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    const AttemptRecord attempt = samples::attempt(samples::batch(samples::project()));

    QVERIFY(writer.write(samples::stage(attempt, Stage::Transfer), newUuid7()));
    QVERIFY(writer.write(samples::error(attempt, Stage::Selection, ErrorCode::SelectionStillWriting)));

    QCOMPARE(star.rows(u"SELECT row_version, date_key, unix_ms(start_timestamp), upload_status_key FROM fact_upload_attempts"_s),
             QStringList{u"0|20261118|1795000000000|0"_s});
    QCOMPARE(star.rows(u"SELECT stage_name, row_version FROM fact_upload_stages ORDER BY stage_name"_s),
             (QStringList{u"selection|0"_s, u"transfer|1"_s}));

    const Result<Outcome> arrived = writer.write(attempt, newUuid7());

    QVERIFY(arrived);
    QCOMPARE(*arrived, Outcome::Applied);
    QCOMPARE(star.rows(u"SELECT row_version, status_name FROM fact_upload_attempts JOIN dim_upload_status USING (upload_status_key)"_s),
             QStringList{u"1|running"_s});
}

void StarWriterTest::lateOlderVersionChangesNothing()
{
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    AttemptRecord attempt = samples::attempt(samples::batch(samples::project()));
    attempt.status = Status::Succeeded;
    attempt.rowVersion = 7;
    QVERIFY(writer.write(attempt, newUuid7()));

    attempt.status = Status::Running;
    attempt.rowVersion = 6;
    const Result<Outcome> late = writer.write(attempt, newUuid7());

    QVERIFY(late);
    QCOMPARE(*late, Outcome::Repeated);
    QCOMPARE(star.value(u"SELECT upload_status_key FROM fact_upload_attempts"_s), u"5"_s);
}

void StarWriterTest::stageThatEndedWithoutSayingHowIsRefused()
{
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    StageRecord stage = samples::stage(samples::attempt(samples::batch(samples::project())), Stage::Transfer);
    stage.endedMs = stage.startedMs + 1;

    const Result<Outcome> refused = writer.write(stage, newUuid7());

    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::InternalUnknown);
    QCOMPARE(star.value(u"SELECT count(*) FROM fact_upload_stages"_s), u"0"_s);
}

void StarWriterTest::unknownsAreNullAndKeyZero()
{
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    AttemptRecord attempt;
    attempt.clientUploadId = newUuid7(samples::SomeTimeMs);
    attempt.itemId = newUuid7();
    attempt.surroundings.userId.clear();
    QVERIFY(writer.write(attempt, newUuid7()));
    PhotoRecord photo;
    photo.clientUploadId = attempt.clientUploadId;
    photo.photoId = attempt.itemId;
    QVERIFY(writer.write(photo, newUuid7()));

    // The network is known to be unknown: that is the row of key 0, not a second one.
    QCOMPARE(star.value(u"SELECT user_key || ' ' || device_key || ' ' || app_version_key || ' ' || network_connection_key || ' ' || project_key "
                        "|| ' ' || batch_key FROM fact_upload_attempts"_s),
             u"0 0 0 0 0 0"_s);
    QCOMPARE(star.rows(u"SELECT end_timestamp, total_duration_ms, upload_metadata, relative_path, num_photos_in_batch FROM fact_upload_attempts"_s),
             QStringList{u"-|-|-|-|-"_s});
    QCOMPARE(star.rows(u"SELECT photo_type_key, storage_location_key, width_pixels, mime_type, has_location_data FROM dim_photos WHERE photo_key > 0"_s),
             QStringList{u"0|0|-|-|-"_s});
}

void StarWriterTest::kindsOfPhotosSayWhatTheyAre()
{
    StarFixture star;
    StarWriter writer(star.database());
    for (const QString &type : {u"RAW"_s, u"XMP"_s, u"JPEG"_s}) {
        PhotoRecord photo;
        photo.clientUploadId = newUuid7(samples::SomeTimeMs);
        photo.photoId = newUuid7();
        photo.typeName = type;
        QVERIFY(writer.write(photo, newUuid7()));
    }

    QCOMPARE(star.rows(u"SELECT photo_type_name, max_supported_resolution, type_specific_attributes FROM dim_photo_types "
                       "WHERE photo_type_key > 0 ORDER BY 1"_s),
             (QStringList{uR"(JPEG|250000000|{"is_raw":false,"is_sidecar":false})"_s, uR"(RAW|250000000|{"is_raw":true,"is_sidecar":false})"_s,
                          uR"(XMP|-|{"is_raw":false,"is_sidecar":true})"_s}));
}

void StarWriterTest::theLocalUserIsAPerson()
{
    StarFixture star;
    StarWriter writer(star.database());
    QVERIFY(writer.write(samples::attempt(samples::batch(samples::project())), newUuid7()));

    QCOMPARE(star.value(u"SELECT account_type FROM dim_users WHERE user_id = 'local'"_s), u"person"_s);
}

void StarWriterTest::signalIsRoundedDown()
{
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    AttemptRecord attempt = samples::attempt(samples::batch(samples::project()));
    attempt.surroundings.network.signalStrength = 74;

    QVERIFY(writer.write(attempt, newUuid7()));

    QCOMPARE(star.value(u"SELECT signal_strength FROM dim_network_connections WHERE network_connection_key > 0"_s), u"70"_s);
}

void StarWriterTest::aStartWithoutMeasurementsLeavesTheMedians()
{
    StarWriter writer(m_star->database());
    const BatchRecord batch = samples::batch(samples::project());
    const QString medians = u"SELECT typical_bandwidth_kbps, typical_latency_ms FROM dim_network_connections WHERE signal_strength = 70"_s;
    AttemptRecord first = samples::attempt(batch, samples::SomeTimeMs);
    QVERIFY(writer.write(first, newUuid7()));
    QCOMPARE(m_star->value(medians), u"-|-"_s);
    first.rowVersion = 2;
    first.surroundings.network.typicalBandwidthKbps = 230'349;
    first.surroundings.network.typicalLatencyMs = 12;
    QVERIFY(writer.write(first, newUuid7()));

    HeartbeatRecord ofTheNextStart;
    ofTheNextStart.capturedMs = samples::SomeTimeMs + 60'000;
    ofTheNextStart.heartbeatId = newUuid7(ofTheNextStart.capturedMs);
    ofTheNextStart.surroundings = samples::surroundings();
    QVERIFY(writer.write(ofTheNextStart, ofTheNextStart.capturedMs));
    AttemptRecord duplicate = samples::attempt(batch, samples::SomeTimeMs + 61'000);
    QVERIFY(writer.write(duplicate, newUuid7()));
    QCOMPARE(m_star->value(medians), u"230349|12"_s);

    duplicate.rowVersion = 2;
    duplicate.surroundings.network.typicalBandwidthKbps = 200'000; // its latency could not be read
    QVERIFY(writer.write(duplicate, newUuid7()));
    QCOMPARE(m_star->value(medians), u"200000|12"_s);
}

void StarWriterTest::attemptsOfACountedBatchKnowItsSize()
{
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    BatchRecord batch = samples::batch(samples::project());
    const AttemptRecord before = samples::attempt(batch);
    const AttemptRecord after = samples::attempt(batch);

    QVERIFY(writer.write(before, newUuid7()));
    batch.numPhotos = 312;
    QVERIFY(writer.write(batch, newUuid7()));
    QVERIFY(writer.write(after, newUuid7()));

    QCOMPARE(star.rows(u"SELECT num_photos_in_batch, is_batch_upload, row_version FROM fact_upload_attempts"_s),
             (QStringList{u"312|1|1"_s, u"312|1|1"_s}));
}

void StarWriterTest::equalBatchesAndProjectsAreOneRow()
{
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    const ProjectRecord project = samples::project();
    const BatchRecord batch = samples::batch(project);

    for (int i = 0; i < 3; ++i) { // as each question of a client brings them, without an event
        const Result<Outcome> projectOutcome = writer.write(project);
        const Result<Outcome> batchOutcome = writer.write(batch);
        QVERIFY(projectOutcome && batchOutcome);
        QCOMPARE(*projectOutcome, i == 0 ? Outcome::Applied : Outcome::Repeated);
        QCOMPARE(*batchOutcome, i == 0 ? Outcome::Applied : Outcome::Repeated);
    }

    QCOMPARE(star.value(u"SELECT count(*) FROM dim_projects WHERE project_key > 0"_s), u"1"_s);
    QCOMPARE(star.value(u"SELECT count(*) FROM dim_batches WHERE batch_key > 0"_s), u"1"_s);
}

void StarWriterTest::dayIsTheUtcDayOfTheId_data()
{
    QTest::addColumn<QDateTime>("instant");
    QTest::addColumn<QString>("day");
    QTest::newRow("last ms of a day") << QDateTime({2026, 12, 31}, {23, 59, 59, 999}, Qt::UTC) << u"20261231"_s;
    QTest::newRow("first ms of a day") << QDateTime({2027, 1, 1}, {0, 0, 0, 0}, Qt::UTC) << u"20270101"_s;
    QTest::newRow("clock of 1970") << QDateTime({1970, 1, 1}, {0, 0, 5, 0}, Qt::UTC) << u"19700101"_s;
}

void StarWriterTest::dayIsTheUtcDayOfTheId()
{
    QFETCH(QDateTime, instant);
    QFETCH(QString, day);
    StarFixture &star = *m_star;
    StarWriter writer(star.database());
    AttemptRecord attempt = samples::attempt(samples::batch(samples::project()), instant.toMSecsSinceEpoch());
    attempt.startedMs += 12345; // a second opinion does not count

    QVERIFY(writer.write(attempt, newUuid7()));
    QVERIFY(writer.write(samples::stage(attempt, Stage::Transfer), newUuid7()));

    QCOMPARE(star.value(u"SELECT date_key || ' ' || unix_ms(start_timestamp) FROM fact_upload_attempts"_s),
             QString(day + u' ' + QString::number(instant.toMSecsSinceEpoch())));
    QCOMPARE(star.value(u"SELECT date_key FROM fact_upload_stages"_s), day);
}

QTEST_GUILESS_MAIN(StarWriterTest)
#include "tst_starwriter.moc"
