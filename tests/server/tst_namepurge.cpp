#include "app/server/work/purge.h"
#include "app/server/work/purgedrecord.h"
#include "app/server/work/retentiontable.h"
#include "models/store/dialect.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::RetentionTable;
using Kind = wire::MirrorEvent::Kind;

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;

/// Whatever tells something of the photo, each found nowhere else.
const QStringList Secrets{u"OTTILIE"_s, u"zugspitze"_s, u"SN4711"_s, u"47.421"_s};
constexpr auto Path = "zugspitze/OTTILIE_1.JPG"_L1;

template <typename Row>
wire::MirrorEvent eventOf(Kind kind, const Row &row)
{
    return {newUuid7(), kind, toJson(row)};
}

} // namespace

/// What is left of a purged photo in the records: nothing of its names, path and metadata, whoever tells of it later.
class TestNamePurge : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void whatStaysIsDocumented();
    void noNameIsLeftAndEveryCountStays();
    void whatIsToldLaterBringsNoNameBack();
    void anAttemptHeardOfLaterHasNoName();
    void whatWasBeingWrittenGoesInALaterRound();
    void aBatchKeepsItsNameForItsLastPhoto();
    void anotherSlotOfTheSameBytesKeepsItsNames();
    void whatComesAgainHasItsNames();
    void anAttemptThatHadOnlyBegunHasItsNames();
    void whoNeverHeardOfTheEndBringsItAgain();
    void uploadsOfAnAttemptAreFoundByAnIndex();

private:
    void prepare() override;
    void round() { server::purge(rig->store, *m_database); }
    void purgeAll();
    static Photo secretPhoto(int seed = 1);
    static QList<wire::MirrorEvent> toldOf(const Photo &photo, int rowVersion);
    void bring(const Photo &photo);
    /// Every column of every table in which one of the words stands.
    QStringList places(const QStringList &words) const { return placesOf(*rig, words); }
    QStringList rows(const QString &query) const { return rowsOf(*rig, query); }
    /// Whatever may be counted of the attempts.
    QStringList counts() const;

    std::unique_ptr<server::DatabaseThreads> m_database;
};

void TestNamePurge::prepare()
{
    rig->start();
    auto opened = server::DatabaseThreads::open(
        {.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = rig->options.retentionLogin, .writers = 1, .readers = 1});
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    m_database = *std::move(opened);
    rig->onDatabase(
        [&](const QSqlDatabase &database) { QVERIFY(RetentionTable(database).setDays(u"local"_s, photoOf(1).question.project.projectId, 7)); });
}

void TestNamePurge::purgeAll()
{
    for (const int days : {7, 2}) {
        rig->change(
            u"UPDATE server_assets SET created_ms = created_ms - %1, wanted_ms = wanted_ms - %1, purge_ms = purge_ms - %1"_s.arg(days * DayMs));
        round();
    }
}

Photo TestNamePurge::secretPhoto(int seed)
{
    Photo photo = photoOf(seed, QString(Path).replace(u"_1"_s, u"_%1"_s.arg(seed)));
    photo.question.name = photo.question.attempt.relativePath.section(u'/', -1);
    photo.question.batch.batchId = photo.question.attempt.batchId = newUuid7();
    photo.question.batch.name = u"zugspitze"_s;
    photo.question.batch.sourceLabel = u"card of OTTILIE"_s;
    photo.question.attempt.metadata = {{u"sha256"_s, photo.sha256}, {u"source_modified_ms"_s, qint64(1'700'000'000'000)}, {u"queued_ms"_s, 12}};
    return photo;
}

/// What its client mirrors: attempt, stages, an error and the photo, with a name wherever there is room for one.
QList<wire::MirrorEvent> TestNamePurge::toldOf(const Photo &photo, int rowVersion)
{
    AttemptRecord attempt = photo.question.attempt;
    attempt.metadata.insert(u"network_change"_s, u"OTTILIE's phone"_s);
    attempt.rowVersion = rowVersion;
    BatchRecord batch = photo.question.batch;
    batch.numPhotos = rowVersion;
    StageRecord stage;
    stage.clientUploadId = attempt.clientUploadId;
    stage.stage = Stage::Transfer;
    stage.startedMs = attempt.startedMs;
    stage.endedMs = attempt.startedMs + 5;
    stage.durationMs = 5;
    stage.isSuccessful = true;
    stage.metadata = {{u"worker"_s, u"OTTILIE"_s}, {u"outcome"_s, u"zugspitze"_s}, {u"parts"_s, 1}};
    stage.rowVersion = rowVersion;
    ErrorRecord error;
    error.errorUid = newUuid7();
    error.clientUploadId = attempt.clientUploadId;
    error.stage = Stage::Transfer;
    error.code = ErrorCode::TransferTimeout;
    error.message = photo.question.name + u" could not be read"_s;
    error.happenedMs = attempt.startedMs + 1;
    error.context = {{u"code"_s, u"TRANSFER_TIMEOUT"_s},
                     {u"stage"_s, u"transfer"_s},
                     {u"http"_s, 503},
                     {u"request_id"_s, u"OTTILIE"_s},
                     {u"s3_code"_s, u"SN4711"_s}};
    PhotoRecord told = commitOf(photo).photo;
    told.extracted = {{u"serial"_s, u"SN4711"_s}, {u"latitude"_s, 47.421}, {u"make"_s, u"OTTILIE"_s}};
    told.createdMs = 1'600'000'000'000;
    told.rowVersion = rowVersion;
    return {eventOf(Kind::Batch, batch),
            eventOf(Kind::Attempt, attempt),
            eventOf(Kind::Stage, stage),
            {error.errorUid, Kind::Error, toJson(error)},
            eventOf(Kind::Photo, told)};
}

void TestNamePurge::bring(const Photo &photo)
{
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    wire::Commit commit = commitOf(photo);
    commit.photo.extracted = {{u"serial"_s, u"SN4711"_s}, {u"latitude"_s, 47.421}, {u"make"_s, u"OTTILIE"_s}};
    commit.photo.createdMs = 1'600'000'000'000;
    QCOMPARE(rig->call("POST", "/v1/uploads/" + idText(offer.uploadId).toLatin1() + "/commit", jsonBytes(wire::toJson(commit))).status, 202);
    QCOMPARE(rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); }).status, Status::Succeeded);
    QCOMPARE(rig->events(toldOf(photo, 7)).status, 200);
}

QStringList TestNamePurge::counts() const
{
    return rows(u"SELECT t.upload_status_key, t.total_duration_ms, t.file_size_bytes, t.attempt_number, s.stage_name, "
                u"s.is_successful, s.retry_count,"
                " s.stage_duration_ms, count(*) FROM fact_upload_attempts t JOIN fact_upload_stages s ON s.upload_id = "
                "t.upload_id"
                " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 5, 1"_s)
        + rows(u"SELECT error_code, error_type, error_severity, is_fatal, count(*) FROM fact_upload_errors GROUP BY 1, 2, 3, 4 ORDER BY 1"_s)
        + rows(u"SELECT photo_type_key, storage_location_key, file_size_bytes, mime_type FROM dim_photos WHERE upload_id > 0 ORDER BY 1, 3"_s)
        + rows(u"SELECT count(*), count(DISTINCT item_id), count(DISTINCT batch_key), count(DISTINCT project_key) FROM fact_upload_attempts"_s);
}

void TestNamePurge::whatStaysIsDocumented()
{
    for (const server::StayingKey &key : server::stayingKeys())
        QVERIFY2(store::undocumentedKeys(key.column, {{key.name, 1}}).isEmpty(), key.name.data());
    const QJsonObject words{{u"code"_s, u"TRANSFER_TIMEOUT"_s}, {u"stage"_s, u"transfer"_s}, {u"http"_s, 503}, {u"s3_code"_s, u"X"_s}};
    QCOMPARE(server::whatStays(store::JsonColumn::ErrorContext, words),
             (QJsonObject{{u"code"_s, u"TRANSFER_TIMEOUT"_s}, {u"stage"_s, u"transfer"_s}, {u"http"_s, 503}}));
    const QJsonObject names{{u"code"_s, u"OTTILIE"_s}, {u"stage"_s, u"OTTILIE"_s}, {u"http"_s, u"OTTILIE"_s}, {u"part"_s, QJsonObject{{u"a"_s, 1}}}};
    QCOMPARE(server::whatStays(store::JsonColumn::ErrorContext, names), QJsonObject());
}

void TestNamePurge::noNameIsLeftAndEveryCountStays()
{
    const Photo photo = secretPhoto();
    bring(photo);
    QList<wire::MirrorEvent> unreadable = toldOf(photo, 8).mid(2, 1);
    unreadable.first().row.insert(u"is_successful"_s, QJsonValue()); // an end without a verdict: nobody takes that
    QCOMPARE(rig->events(unreadable).json.value("set_aside"_L1).toArray().size(), 1);
    const QStringList before = places(Secrets + QStringList{photo.sha256});
    for (const QString &where : QStringList{u"relative_path: OTTILIE"_s, u"error_message: OTTILIE"_s, u"error_context: SN4711"_s,
                                            u"stage_metadata: zugspitze"_s, u"upload_metadata: OTTILIE"_s, u"extracted_metadata: 47.421"_s,
                                            u"payload: OTTILIE"_s, u"batch_name: zugspitze"_s, u"source_label: OTTILIE"_s, u"photo_json: SN4711"_s,
                                            u"attempt_json: OTTILIE"_s, u"told_json: SN4711"_s, u"name_key: OTTILIE"_s, u"sha256: "_s + photo.sha256})
        QVERIFY2(!before.filter(where).isEmpty(), qPrintable(where + u" in "_s + before.join(u", ")));
    const QStringList counted = counts();

    purgeAll();

    QCOMPARE(rows(u"SELECT count(*) FROM server_purges"_s), QStringList{u"1"_s});
    QCOMPARE(places(Secrets + QStringList{photo.sha256}).join(u'\n'), QString());
    QCOMPARE(counts(), counted);
    QCOMPARE(rows(u"SELECT count(*) FROM fact_upload_attempts WHERE relative_path IS NULL"_s), QStringList{u"1"_s});
    QCOMPARE(rows(u"SELECT count(*) FROM dim_photos WHERE upload_id > 0 AND (created_timestamp IS NOT NULL OR "
                  u"width_pixels IS NOT NULL"
                  " OR height_pixels IS NOT NULL OR has_location_data IS NOT NULL)"_s),
             QStringList{u"0"_s});
    QVERIFY(rows(u"SELECT error_context FROM fact_upload_errors"_s).first().contains(u"503"_s));
    round(); // there is nothing left to do
    QCOMPARE(counts(), counted);
}

void TestNamePurge::whatIsToldLaterBringsNoNameBack()
{
    const Photo photo = secretPhoto();
    bring(photo);
    purgeAll();
    QCOMPARE(places(Secrets), QStringList());

    for (const int rowVersion : {7, 20}) {
        QCOMPARE(rig->events(toldOf(photo, rowVersion)).status, 200);
        QCOMPARE(places(Secrets + QStringList{photo.sha256}).join(u'\n'), QString());
    }
    for (const wire::MirrorEvent &event : toldOf(photo, 30)) // each on its own, and one that another row of the batch sends one by one
        QCOMPARE(rig->events({event}).status, 200);
    QCOMPARE(places(Secrets + QStringList{photo.sha256}).join(u'\n'), QString());

    QCOMPARE(rows(u"SELECT upload_status_key FROM fact_upload_attempts"_s), QStringList{QString::number(static_cast<int>(Status::Succeeded))});
    QCOMPARE(rows(u"SELECT count(*) FROM fact_upload_errors"_s), QStringList{u"4"_s}); // what is told of it still counts
}

void TestNamePurge::anAttemptHeardOfLaterHasNoName()
{
    Photo first = secretPhoto();
    const Photo second = nextAttempt(first);
    bring(second);
    purgeAll();
    first.question.attempt.status = Status::Failed;
    first.question.attempt.endedMs = first.question.attempt.startedMs + 10;

    QCOMPARE(rig->events(toldOf(first, 7).mid(1, 1)).status, 200);

    QCOMPARE(places(Secrets).join(u'\n'), QString());
    QCOMPARE(rows(u"SELECT count(*) FROM fact_upload_attempts"_s), QStringList{u"2"_s});
}

void TestNamePurge::whatWasBeingWrittenGoesInALaterRound()
{
    const Photo photo = secretPhoto();
    bring(photo);
    purgeAll();
    rig->change(u"UPDATE fact_upload_stages SET stage_metadata = '[\"OTTILIE\"]' WHERE stage_name = 'transfer'"_s);
    QVERIFY(!places(Secrets).isEmpty());
    round();
    QVERIFY(!places(Secrets).isEmpty()); // whoever wrote it may still be at it

    rig->change(u"UPDATE server_purged_ids SET purged_ms = purged_ms - %1"_s.arg(DayMs));
    round();

    QCOMPARE(places(Secrets).join(u'\n'), QString());
    QCOMPARE(rows(u"SELECT count(*) FROM server_purged_ids WHERE is_settled = 0"_s), QStringList{u"0"_s});
}

void TestNamePurge::aBatchKeepsItsNameForItsLastPhoto()
{
    const Photo photo = secretPhoto();
    bring(photo);
    Photo other = secretPhoto(2);
    other.question.batch = photo.question.batch;
    other.question.attempt.batchId = photo.question.batch.batchId;
    rig->change(u"UPDATE server_assets SET created_ms = created_ms - %1"_s.arg(7 * DayMs));
    round();
    rig->change(u"UPDATE server_assets SET purge_ms = 1"_s);
    bring(other);
    round();
    QCOMPARE(rows(u"SELECT count(*) FROM server_purges"_s), QStringList{u"1"_s});
    QCOMPARE(rows(u"SELECT batch_name FROM dim_batches WHERE batch_key <> 0"_s), QStringList{u"zugspitze"_s});
    QVERIFY(places({u"OTTILIE_1"_s}).isEmpty());
    QVERIFY(!places({u"OTTILIE_2"_s}).isEmpty());

    purgeAll();

    QCOMPARE(places(Secrets).join(u'\n'), QString());
}

void TestNamePurge::anotherSlotOfTheSameBytesKeepsItsNames()
{
    const Photo photo = secretPhoto();
    bring(photo);
    Photo other = photo;
    other.question.attempt.clientUploadId = newUuid7();
    other.question.attempt.startedMs = instantOf(other.question.attempt.clientUploadId);
    other.question.attempt.itemId = newUuid7();
    other.question.project.projectId = other.question.batch.projectId = other.question.attempt.projectId = newUuid7();
    other.question.project.name = u"Another"_s;
    other.question.batch.batchId = other.question.attempt.batchId = newUuid7();
    other.question.batch.name = u"kept batch"_s;
    other.question.attempt.relativePath = u"kept folder/kept.JPG"_s;
    QCOMPARE(rig->ask(other).kind, wire::Offer::Kind::Duplicate);
    const QStringList kept{u"kept folder"_s, u"kept batch"_s, u"kept.JPG"_s};
    const QStringList before = places(kept);
    QVERIFY(before.size() > 4);

    purgeAll();

    QCOMPARE(rows(u"SELECT count(*) FROM server_purges"_s), QStringList{u"1"_s});
    QCOMPARE(places({u"zugspitze"_s, u"OTTILIE_1"_s, u"47.421"_s}).join(u'\n'), QString());
    QCOMPARE(places(kept), before);
    QVERIFY(*rig->store.hasObject(photo.sha256, photo.bytes.size()));
}

void TestNamePurge::whatComesAgainHasItsNames()
{
    const Photo photo = secretPhoto();
    bring(photo);
    const QStringList before = places({u"OTTILIE_1.JPG"_s, u"SN4711"_s});
    purgeAll();

    const Photo again = nextAttempt(photo);
    bring(again);

    QCOMPARE(places({u"OTTILIE_1.JPG"_s, u"SN4711"_s}), before);
    QCOMPARE(rows(u"SELECT count(*), count(relative_path) FROM fact_upload_attempts"_s), QStringList{u"2|1"_s});
    round();
    QCOMPARE(places({u"OTTILIE_1.JPG"_s, u"SN4711"_s}), before);
    QCOMPARE(rig->events(toldOf(photo, 20)).status, 200); // of the first one
    QCOMPARE(rows(u"SELECT count(*), count(relative_path) FROM fact_upload_attempts"_s), QStringList{u"2|1"_s});
    purgeAll();
    QCOMPARE(places(Secrets).join(u'\n'), QString());
}

/// It stands in the records, and its question comes only after the purge of what its item had brought before.
void TestNamePurge::anAttemptThatHadOnlyBegunHasItsNames()
{
    const Photo photo = secretPhoto();
    bring(photo);
    const Photo begun = nextAttempt(photo);
    QCOMPARE(rig->events(toldOf(begun, 1).mid(1, 1)).status, 200);
    purgeAll();
    QCOMPARE(places(Secrets).join(u'\n'), QString());

    bring(begun);
    QCOMPARE(rig->events(toldOf(begun, 20)).status, 200);

    QCOMPARE(rows(u"SELECT relative_path FROM fact_upload_attempts WHERE relative_path IS NOT NULL"_s), QStringList{QString(Path)});
    QVERIFY(!places({u"OTTILIE"_s}).filter(u"upload_metadata"_s).isEmpty());
}

void TestNamePurge::whoNeverHeardOfTheEndBringsItAgain()
{
    const Photo photo = secretPhoto();
    bring(photo);
    const QUuid uploadId = QUuid::fromString(rows(u"SELECT upload_id FROM server_uploads"_s).first());
    purgeAll();
    const wire::StatusAnswer answer = rig->status(uploadId);
    QVERIFY(!answer.uploads.isEmpty() && !answer.uploads.first().isKnown); // its attempt is its own again

    QCOMPARE(rig->ask(photo).kind, wire::Offer::Kind::Upload);
    bring(photo);

    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
    QCOMPARE(rows(u"SELECT relative_path, upload_status_key FROM fact_upload_attempts"_s),
             QStringList{Path + u"|%1"_s.arg(static_cast<int>(Status::Succeeded))});
    QVERIFY(rows(u"SELECT extracted_metadata FROM dim_photos WHERE upload_id > 0"_s).first().contains(u"SN4711"_s));
    QCOMPARE(rows(u"SELECT name FROM server_search"_s), QStringList{u"OTTILIE_1.JPG"_s});
    purgeAll();
    QCOMPARE(places(Secrets).join(u'\n'), QString());
}

/// For each purged attempt all its uploads are asked for, replaced ones too: that must not read the table.
void TestNamePurge::uploadsOfAnAttemptAreFoundByAnIndex()
{
    const QString question = u"SELECT upload_id FROM server_uploads WHERE client_upload_id = 'somebody'"_s;
    QStringList plan;
    rig->onDatabase([&](const QSqlDatabase &database) {
        if (store::engineOf(database) == store::Engine::Sqlite) {
            plan = rowsOf(database, u"EXPLAIN QUERY PLAN "_s + question);
        } else { // of a small table it would read all
            QVERIFY(QSqlQuery(database).exec(u"SET enable_seqscan = off"_s));
            plan = rowsOf(database, u"EXPLAIN "_s + question);
        }
    });
    QVERIFY2(plan.join(u' ').contains(u"server_uploads_any_of_attempt"_s), qPrintable(plan.join(u'\n')));
}

QTEST_GUILESS_MAIN(TestNamePurge)
#include "tst_namepurge.moc"
