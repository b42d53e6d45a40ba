#include "app/server/work/objecttable.h"
#include "app/server/work/reprocesstable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/logwatch.h"

#include <QScopeGuard>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::ReprocessFilter;
using server::ReprocessTable;

/// Stages that run again for stored photos: what they replace, what stays, who comes first, and which photos are meant.
class TestReprocess : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void picturesAreReplacedAndTheUploadStaysAsItWas();
    void metadataAndSearchAreReplacedTogether();
    void soundBytesPassTheCheckAgain();
    void whatFailsStaysInTheListAndThePhotoAsItWas();
    void aStoreThatIsAwayIsWaitedFor();
    void aDatabaseThatIsAwayHoldsNothingForEver();
    void bytesThatAreNotThePhotosAreBroughtAgain_data();
    void bytesThatAreNotThePhotosAreBroughtAgain();
    void whatWasBroughtSinceIsNotLost();
    void uploadsGoFirst();
    void whatIsNotStoredIsLeftOut();
    void eachColumnFindsItsPhotos();
    void whatLooksLikeSqlIsAValue();
    void wrongConditionsAreRefused();
    void aPhotoWaitsOnceForAStage();
    void aPurgedPhotoTakesItsJobAlong();

private:
    static ReprocessFilter where(const QStringList &conditions)
    {
        ReprocessFilter filter;
        for (const QString &condition : conditions) {
            if (const QString wrong = filter.add(condition); !wrong.isEmpty())
                qFatal("%s", qPrintable(wrong));
        }
        return filter;
    }
    /// How many photos were queued.
    qint64 queue(Stage stage, const QStringList &conditions = {u"media_type=image/jpeg"_s})
    {
        qint64 photos = -1;
        asApp([&](const QSqlDatabase &database) {
            const ReprocessTable table(database);
            ReprocessTable::Run run{newUuid7(), stage, where(conditions).toJson(), nowMs(), 0, *table.newestAsset(), 0, 0, 0, 0};
            const Result<> begun = table.begin(run);
            const Result<ReprocessTable::Sum> sum = table.add(where(conditions), run, 1000);
            QVERIFY2(begun && sum, qPrintable(sum ? QString() : sum.error().detail));
            photos = sum->photos;
        });
        return photos;
    }
    qint64 matching(Stage stage, const QStringList &conditions)
    {
        qint64 photos = -1;
        asApp([&](const QSqlDatabase &database) {
            const ReprocessTable table(database);
            const Result<ReprocessTable::Sum> sum = table.count(where(conditions), stage, 0, *table.newestAsset(), 1000);
            QVERIFY2(sum, qPrintable(sum ? QString() : sum.error().detail));
            photos = sum->photos;
        });
        return photos;
    }
    /// In the rights of the login that the commands have, seen by nobody else before it has ended.
    void asApp(const std::function<void(const QSqlDatabase &)> &use)
    {
        rig->onDatabase([&](const QSqlDatabase &database) {
            const bool isPostgres = store::engineOf(database) == store::Engine::PostgreSql;
            QSqlQuery become(database);
            QVERIFY(!isPostgres || become.exec(u"SET SESSION AUTHORIZATION photolift_app"_s));
            QVERIFY(become.exec(u"BEGIN"_s));
            QVERIFY(!isPostgres || become.exec(u"SET LOCAL photolift.account = '*'"_s));
            use(database);
            QVERIFY2(become.exec(u"COMMIT"_s), qPrintable(become.lastError().text()));
        });
    }
    int count(const QString &table) const { return rig->sql(u"SELECT count(*) FROM "_s + table).toInt(); }
    int waiting() const { return count(u"server_reprocess_jobs WHERE failed_ms IS NULL"_s); }
    QByteArray picture(const Photo &photo, QLatin1StringView what) { return *rig->store.derived(photo.sha256, photo.bytes.size(), what); }
    /// What the star says of how photos were brought.
    QStringList story() const
    {
        return {rig->sql(u"SELECT count(*) || ' ' || sum(row_version) || ' ' || sum(total_duration_ms) || ' ' || max(upload_status_key) FROM fact_upload_attempts"_s)
                    .toString(),
                rig->sql(u"SELECT count(*) || ' ' || sum(row_version) || ' ' || sum(retry_count) || ' ' || sum(stage_duration_ms) FROM fact_upload_stages"_s)
                    .toString(),
                rig->sql(u"SELECT count(*) FROM fact_upload_errors"_s).toString()};
    }
    int photoVersion() const { return rig->sql(u"SELECT max(row_version) FROM dim_photos"_s).toInt(); }
    int orders(photo::Order order) const
    {
        const std::scoped_lock lock(rig->script->mutex);
        return rig->script->orders.value(static_cast<int>(order));
    }
};

void TestReprocess::picturesAreReplacedAndTheUploadStaysAsItWas()
{
    const Photo photo = photoOf(1);
    const wire::UploadStatus end = rig->upload(photo);
    QVERIFY(rig->store.putDerived(photo.sha256, photo.bytes.size(), "rendition"_L1, "old"));
    const QStringList before = story();
    const int version = photoVersion();
    rig->change(u"UPDATE server_objects SET preview_error = 'PROCESSING_DECODE_FAILED'"_s);

    QCOMPARE(queue(Stage::Processing), 1);

    QTRY_COMPARE_WITH_TIMEOUT(count(u"server_reprocess_jobs"_s), 0, 20'000);
    QCOMPARE(picture(photo, "rendition"_L1), "picture"_ba); // as the examiner of this rig draws it
    QCOMPARE(story(), before);
    QCOMPARE(photoVersion(), version);
    QCOMPARE(count(u"server_objects WHERE preview_error IS NULL AND state = 'stored'"_s), 1);
    QCOMPARE(rig->status(end.uploadId).uploads.first().status, Status::Succeeded);
    QVERIFY(rig->status(end.uploadId).uploads.first().isSafe);
}

void TestReprocess::metadataAndSearchAreReplacedTogether()
{
    const wire::UploadStatus end = rig->upload(photoOf(1));
    rig->change(u"UPDATE dim_photos SET extracted_metadata = 'null' WHERE row_version > 0"_s);
    rig->change(u"UPDATE server_search SET camera = 'Nobody', taken_ms = 1"_s);
    const QStringList before = story();
    const int version = photoVersion();

    QCOMPARE(queue(Stage::MetadataExtraction), 1);

    QTRY_COMPARE_WITH_TIMEOUT(count(u"server_reprocess_jobs"_s), 0, 20'000);
    QCOMPARE(rig->sql(u"SELECT camera FROM server_search"_s), u"Maker"_s);
    QCOMPARE(rig->sql(u"SELECT extracted_metadata ->> 'make' FROM dim_photos WHERE row_version > 0"_s), u"Maker"_s);
    QCOMPARE(photoVersion(), version + 1);
    QCOMPARE(story(), before);
    QVERIFY(rig->status(end.uploadId).uploads.first().version > end.version); // clients hear of it
}

void TestReprocess::soundBytesPassTheCheckAgain()
{
    rig->upload(photoOf(1));
    const QStringList before = story();

    QCOMPARE(queue(Stage::Validation), 1);
    QTRY_COMPARE_WITH_TIMEOUT(count(u"server_reprocess_jobs"_s), 0, 20'000);

    QCOMPARE(orders(photo::Order::Validate), 1);
    QCOMPARE(story(), before);
    QCOMPARE(count(u"server_objects WHERE state = 'stored'"_s), 1);
}

void TestReprocess::whatFailsStaysInTheListAndThePhotoAsItWas()
{
    const Photo photo = photoOf(1);
    const wire::UploadStatus end = rig->upload(photo);
    QVERIFY(rig->store.putDerived(photo.sha256, photo.bytes.size(), "thumbnail"_L1, "old"));
    const QStringList before = story();
    {
        const std::scoped_lock lock(rig->script->mutex);
        rig->script->failures.insert(photo.bytes.size(), Error{ErrorCode::ProcessingDecodeFailed, u"scripted"_s});
    }

    QCOMPARE(queue(Stage::Processing), 1);
    QTRY_COMPARE_WITH_TIMEOUT(waiting(), 0, 20'000);

    QCOMPARE(rig->sql(u"SELECT stage || ' ' || error_code || ' ' || tries FROM server_reprocess_jobs WHERE failed_ms IS NOT NULL"_s),
             u"processing PROCESSING_DECODE_FAILED 1"_s);
    QCOMPARE(picture(photo, "thumbnail"_L1), "old"_ba);
    QCOMPARE(story(), before);
    QCOMPARE(rig->ask(nextAttempt(photo)).kind, wire::Offer::Kind::Duplicate);
    QVERIFY(rig->status(end.uploadId).uploads.first().isSafe);

    {
        const std::scoped_lock lock(rig->script->mutex);
        rig->script->failures.clear();
    }
    asApp([](const QSqlDatabase &database) {
        const Result<int> again = ReprocessTable(database).retry(std::nullopt);
        QVERIFY(again && *again == 1);
    });
    QTRY_COMPARE_WITH_TIMEOUT(count(u"server_reprocess_jobs"_s), 0, 20'000);
    QCOMPARE(picture(photo, "thumbnail"_L1), "picture"_ba);
}

void TestReprocess::aStoreThatIsAwayIsWaitedFor()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    QVERIFY(rig->store.putDerived(photo.sha256, photo.bytes.size(), "rendition"_L1, "old"));
    rig->store.setBroken(true);

    QCOMPARE(queue(Stage::Processing), 1);
    QTRY_VERIFY_WITH_TIMEOUT(count(u"server_reprocess_jobs WHERE tries > 0 AND error_code = 'STORAGE_NOT_READY' AND failed_ms IS NULL"_s) == 1, 20'000);
    QCOMPARE(count(u"server_objects WHERE state = 'stored'"_s), 1);
    rig->store.setBroken(false);

    QTRY_COMPARE_WITH_TIMEOUT(count(u"server_reprocess_jobs"_s), 0, 20'000);
    QCOMPARE(picture(photo, "rendition"_L1), "picture"_ba); // as the examiner of this rig draws it
}

/// What was done cannot be recorded, nor that it could not.
void TestReprocess::aDatabaseThatIsAwayHoldsNothingForEver()
{
    rig->upload(photoOf(1));
    const auto held = rig->script->held = std::make_shared<std::latch>(1);
    auto open = qScopeGuard([&held] { held->count_down(); });
    const LogWatch log;
    QCOMPARE(queue(Stage::Validation), 1);
    QTRY_COMPARE_WITH_TIMEOUT(count(u"server_reprocess_jobs WHERE lease_owner <> ''"_s), 1, 20'000);
    open.dismiss();
    const auto isLogged = [](const QString &line) { return QTest::qWaitFor([&line] { return !LogWatch::linesWith(line).isEmpty(); }, 60'000); };

    if (*static_cast<store::Engine *>(QTest::qGlobalData("engine", qMetaTypeId<store::Engine>())) == store::Engine::PostgreSql) {
        QVERIFY2(engines.postgres().stop(), qPrintable(engines.failure()));
        held->count_down();
        const bool isTold = isLogged(u"was not recorded"_s);
        QVERIFY2(engines.postgres().start(), qPrintable(engines.failure()));
        QVERIFY(isTold);
    } else {
        rig->onDatabase([&](const QSqlDatabase &database) {
            QSqlQuery lock(database);
            QVERIFY(lock.exec(u"BEGIN IMMEDIATE"_s));
            held->count_down();
            QVERIFY(isLogged(u"was not recorded"_s));
            QVERIFY(isLogged(u"nothing could be taken"_s));
            QVERIFY(lock.exec(u"ROLLBACK"_s));
        });
    }

    QTRY_COMPARE_WITH_TIMEOUT(count(u"server_reprocess_jobs"_s), 0, 30'000);
    QCOMPARE(orders(photo::Order::Validate), 2); // the second time for the books
}

void TestReprocess::bytesThatAreNotThePhotosAreBroughtAgain_data()
{
    QTest::addColumn<bool>("isRotten");
    QTest::newRow("gone") << false;
    QTest::newRow("a bit of them") << true;
}

void TestReprocess::bytesThatAreNotThePhotosAreBroughtAgain()
{
    QFETCH(const bool, isRotten);
    const Photo photo = photoOf(1);
    const qint64 size = photo.bytes.size();
    rig->upload(photo);
    // Another account has the same bytes, and the store one object for both; others have none that could be lost.
    for (const auto &[account, state] : {std::pair(u"second"_s, u"stored"_s), std::pair(u"third"_s, u"refused"_s)})
        rig->change(u"INSERT INTO server_objects (account_id, sha256, size, state, decided_ms) VALUES ('%1', '%2', %3, '%4', 1)"_s
                        .arg(account, photo.sha256, QString::number(size), state));
    if (isRotten)
        rig->store.rotObject(photo.sha256, size);
    else
        rig->store.loseObject(photo.sha256, size);
    QVERIFY(rig->store.object(photo.sha256, size) != photo.bytes);

    QCOMPARE(queue(Stage::Validation), 1);
    QTRY_COMPARE_WITH_TIMEOUT(waiting(), 0, 20'000);

    QCOMPARE(rig->sql(u"SELECT error_code FROM server_reprocess_jobs WHERE failed_ms IS NOT NULL"_s), u"STORAGE_COPY_DAMAGED"_s);
    QCOMPARE(count(u"server_objects WHERE state = 'lost' AND account_id IN ('local', 'second')"_s), 2);
    QCOMPARE(rig->upload(nextAttempt(photo)).status, Status::Succeeded);
    QCOMPARE(rig->store.object(photo.sha256, size), photo.bytes);
    QCOMPARE(count(u"server_objects WHERE state = 'stored' AND account_id IN ('local', 'second')"_s), 2);
    QCOMPARE(count(u"server_objects WHERE state = 'refused' AND account_id = 'third'"_s), 1);
}

/// Somebody has found the copy damaged, and while this is written down, another account has brought the bytes anew.
void TestReprocess::whatWasBroughtSinceIsNotLost()
{
    const qint64 now = nowMs();
    const qint64 seen = now - 5000;
    const QString sha256(64, u'a');
    for (const auto &[account, decided] : {std::pair(u"before"_s, seen), std::pair(u"since"_s, seen + 1), std::pair(u"wrong clock"_s, now + 1)})
        rig->change(u"INSERT INTO server_objects (account_id, sha256, size, state, decided_ms) VALUES ('%1', '%2', 5, 'stored', %3)"_s
                        .arg(account, sha256, QString::number(decided)));

    rig->onDatabase([&](const QSqlDatabase &database) { QVERIFY(server::ObjectTable(database).markLost(sha256, 5, seen, now)); });

    QCOMPARE(count(u"server_objects WHERE state = 'lost'"_s), 2);
    QCOMPARE(rig->sql(u"SELECT account_id FROM server_objects WHERE state = 'stored'"_s), u"since"_s);
}

void TestReprocess::uploadsGoFirst()
{
    rig->upload(photoOf(1));
    rig->upload(photoOf(2, {}, 20'000));
    rig->script->held = std::make_shared<std::latch>(1);
    auto open = qScopeGuard([this] { rig->script->held->count_down(); });
    QCOMPARE(queue(Stage::Validation), 2);
    QTRY_VERIFY_WITH_TIMEOUT(count(u"server_reprocess_jobs WHERE lease_owner <> ''"_s) == 1, 20'000); // under way, and held

    const Photo photo = photoOf(3, {}, 30'000);
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return !status.stages.isEmpty() && status.stages.last().stage == Stage::Validation; });
    // The photo at hand is free to end; of the others none begins while the upload has a stage before it.
    rig->change(u"UPDATE server_reprocess_jobs SET lease_owner = '', lease_until_ms = 0"_s);
    asApp([](const QSqlDatabase &database) {
        const auto taken = ReprocessTable(database).take(u"other"_s, nowMs(), nowMs() + 60'000);
        QVERIFY(taken && !*taken);
    });
    open.dismiss();
    rig->script->held->count_down();

    QCOMPARE(rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); }).status, Status::Succeeded);
    QTRY_COMPARE_WITH_TIMEOUT(count(u"server_reprocess_jobs"_s), 0, 20'000);
}

void TestReprocess::whatIsNotStoredIsLeftOut()
{
    rig->upload(photoOf(1));
    const QStringList all{u"media_type=image/jpeg"_s};
    QCOMPARE(matching(Stage::Processing, all), 1);
    for (const char *state : {"quarantined", "lost", "refused"}) {
        rig->change(u"UPDATE server_objects SET state = '%1'"_s.arg(QLatin1StringView(state)));
        QCOMPARE(matching(Stage::Processing, all), 0);
        QCOMPARE(queue(Stage::Processing), 0);
    }
    rig->change(u"UPDATE server_objects SET state = 'stored'"_s);
    rig->stop();
    rig->change(u"INSERT INTO server_jobs (upload_id, stage, lease_owner, lease_until_ms, queued_ms) SELECT upload_id, 'indexing', '', 0, 0 FROM server_uploads"_s);
    QCOMPARE(matching(Stage::Processing, all), 0);
}

void TestReprocess::eachColumnFindsItsPhotos()
{
    const Photo plain = photoOf(1);
    const Photo failed = photoOf(2, {}, 20'000);
    rig->upload(plain);
    rig->script->failures.insert(failed.bytes.size(), Error{ErrorCode::ProcessingDecodeFailed, u"scripted"_s});
    rig->upload(failed);
    rig->change(u"UPDATE server_assets SET created_ms = 1764547200000 WHERE client_upload_id = '%1'"_s.arg(idText(plain.question.attempt.clientUploadId)));
    const QString project = idText(plain.question.project.projectId);
    const auto found = [this](const QString &condition) { return matching(Stage::Processing, {condition}); };

    QCOMPARE(found(u"project="_s + project.toUpper()), 2);
    QCOMPARE(found(u"project="_s + idText(newUuid7())), 0);
    QCOMPARE(found(u"account="_s + rig->sql(u"SELECT account_name FROM server_accounts WHERE account_id = 'local'"_s).toString()), 2);
    QCOMPARE(found(u"account=another"_s), 0);
    QCOMPARE(found(u"user="_s + rig->sql(u"SELECT user_name FROM server_users WHERE user_id = 'local'"_s).toString()), 2);
    QCOMPARE(found(u"user=another"_s), 0);
    QCOMPARE(found(u"media_type=image/jpeg"_s), 2);
    QCOMPARE(found(u"media_type=image/png"_s), 0);
    QCOMPARE(found(u"photo_type=JPEG"_s), 2);
    QCOMPARE(found(u"photo_type=RAW"_s), 0);
    QCOMPARE(found(u"camera_make=Maker"_s), 1); // of the other nothing could be read
    QCOMPARE(found(u"camera_make=maker"_s), 0);
    QCOMPARE(found(u"camera_model=Maker"_s), 0);
    QCOMPARE(found(u"app_version=0.1.0"_s), 2);
    QCOMPARE(found(u"app_version=0.1"_s), 0);
    QCOMPARE(found(u"uploaded_before=2025-12-02"_s), 1);
    QCOMPARE(found(u"uploaded_before=2025-12-01"_s), 0);
    QCOMPARE(found(u"uploaded_after=2025-12-01"_s), 2);
    QCOMPARE(found(u"uploaded_after=2025-12-02"_s), 1);
    QCOMPARE(found(u"error=PROCESSING_DECODE_FAILED"_s), 1);
    QCOMPARE(found(u"error=METADATA_UNREADABLE"_s), 0);
    QCOMPARE(found(u"failed_stage=processing"_s), 1);
    QCOMPARE(found(u"failed_stage=validation"_s), 0);
    QCOMPARE(matching(Stage::Processing, {u"failed_stage=processing"_s, u"uploaded_before=2025-12-02"_s}), 0);
    QCOMPARE(matching(Stage::Processing, {u"failed_stage=processing"_s, u"uploaded_after=2025-12-02"_s}), 1);
}

void TestReprocess::whatLooksLikeSqlIsAValue()
{
    rig->upload(photoOf(1));
    const QStringList values{u"x' OR '1'='1"_s, u"'; DROP TABLE server_assets; --"_s, u"image/jpeg' --"_s, u"%"_s, u"_mage/jpeg"_s, u"image/jpeg\\"_s,
                             u"{image/jpeg}"_s, u"?"_s, u"$1"_s, u"x') OR (a.asset_id > 0"_s, u"unix_ms(1)"_s, u"image/jpeg\n"_s};
    const QStringList columns{u"account"_s, u"user"_s, u"media_type"_s, u"photo_type"_s, u"camera_make"_s, u"camera_model"_s, u"app_version"_s};
    asApp([&](const QSqlDatabase &database) {
        const ReprocessTable table(database);
        for (const QString &column : columns) {
            for (const QString &value : values) {
                const QString condition = column + u'=' + value;
                const Result<ReprocessTable::Sum> sum = table.count(where({condition}), Stage::Processing, 0, 1'000'000, 1000);
                QVERIFY2(sum && sum->photos == 0, qPrintable(condition));
            }
        }
    });
    QCOMPARE(queue(Stage::Processing, {u"media_type="_s + values.first()}), 0);
    QCOMPARE(count(u"server_assets"_s), 1);
    rig->change(u"UPDATE server_uploads SET media_type = 'x'' OR ''1''=''1'"_s);
    QCOMPARE(matching(Stage::Processing, {u"media_type=x' OR '1'='1"_s}), 1);
}

void TestReprocess::wrongConditionsAreRefused()
{
    for (const QString &wrong : QStringList{u"sha256=x"_s, u"project"_s, u"=x"_s, u""_s, u"project=x' OR 1=1"_s, u"error=SOMETHING"_s, u"failed_stage=all"_s,
                                            u"uploaded_after=yesterday"_s, u"user="_s, u"a.asset_id > 0 OR account=x"_s, QString(u"user="_s + QString(201, u'x'))}) {
        ReprocessFilter filter;
        QVERIFY2(!filter.add(wrong).isEmpty() && filter.isEmpty(), qPrintable(wrong));
    }
    QVERIFY(ReprocessFilter().add(u"sha256=x"_s).contains(ReprocessFilter::columns().join(u", "_s)));
    ReprocessFilter twice;
    QVERIFY(twice.add(u"user=a"_s).isEmpty() && !twice.add(u"user=b"_s).isEmpty());
    for (int i = 0; i <= static_cast<int>(Stage::Indexing); ++i) {
        const auto stage = static_cast<Stage>(i);
        QCOMPARE(ReprocessFilter::whyNot(stage).isEmpty(), ReprocessFilter::stages().contains(stageName(stage)));
    }
}

void TestReprocess::aPhotoWaitsOnceForAStage()
{
    rig->upload(photoOf(1));
    rig->stop();

    QCOMPARE(queue(Stage::Processing), 1);
    QCOMPARE(queue(Stage::Processing, {u"photo_type=JPEG"_s}), 0);
    QCOMPARE(queue(Stage::Validation), 1);
    QCOMPARE(count(u"server_reprocess_jobs"_s), 2);
    rig->change(u"UPDATE server_reprocess_jobs SET failed_ms = 1, error_code = 'PROCESSING_DECODE_FAILED', tries = 1 WHERE stage = 'processing'"_s);
    QCOMPARE(queue(Stage::Processing), 1); // what has failed gets another turn
    QCOMPARE(count(u"server_reprocess_jobs WHERE failed_ms IS NULL AND tries = 0"_s), 2);
}

void TestReprocess::aPurgedPhotoTakesItsJobAlong()
{
    rig->upload(photoOf(1));
    rig->stop();
    QCOMPARE(queue(Stage::Processing), 1);

    rig->onDatabase([](const QSqlDatabase &database) {
        QSqlQuery remove(database);
        QVERIFY2(remove.exec(u"DELETE FROM server_assets"_s), qPrintable(remove.lastError().text()));
    });

    QCOMPARE(count(u"server_reprocess_jobs"_s), 0);
}

QTEST_GUILESS_MAIN(TestReprocess)
#include "tst_reprocess.moc"
