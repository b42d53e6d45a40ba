#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/logwatch.h"

#include <QJsonDocument>
#include <QScopeGuard>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// The server's stages: what each failure does to the attempt, the bytes and what clients are told; the sweep.
class TestWorkStages : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void stageFailureEndsAsTheListSays_data();
    void stageFailureEndsAsTheListSays();
    void unequalBytesAreNotPublished();
    void missingPartsGiveTheAttemptBack();
    void bytesThatWereNotThereComeAgain();
    void errorsSayWhichTryOfTheirStageTheyWere();
    void whatCouldNotBeReadIsNotKnown();
    void safeComesBeforeTheEnd();
    void jobsOfAnEarlierLifeAreTakenUp();
    void staleUploadsAreSwept();
    void whatNobodyTouchedIsGoneWithinADay();
    void leftoversOfTheStoreAreSwept();
    void photoThatCannotBeIndexedIsSafeAndIndexedLater();
    void aJobThatWaitsNowhereIsTakenUp();
    void stagesSayWhoDidThem();
};

void TestWorkStages::stageFailureEndsAsTheListSays_data()
{
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<Status>("end");
    QTest::addColumn<bool>("isSafe");
    QTest::addColumn<int>("objects");
    QTest::newRow("truncated -> failed, not kept") << ErrorCode::ValidationTruncated << Status::Failed << false << 0;
    QTest::newRow("invalid -> failed, not kept") << ErrorCode::ValidationInvalidImage << Status::Failed << false << 0;
    QTest::newRow("too large -> failed, not kept") << ErrorCode::ValidationImageTooLarge << Status::Failed << false << 0;
    QTest::newRow("unknown RAW -> safe, without preview") << ErrorCode::ValidationFormatUnknown << Status::Succeeded << true << 1;
    QTest::newRow("metadata unreadable -> safe") << ErrorCode::MetadataUnreadable << Status::Succeeded << true << 1;
    QTest::newRow("no preview -> safe") << ErrorCode::ProcessingDecodeFailed << Status::Succeeded << true << 1;
}

void TestWorkStages::stageFailureEndsAsTheListSays()
{
    QFETCH(ErrorCode, code);
    const Photo photo = photoOf(1);
    rig->script->failures.insert(photo.bytes.size(), Error{code, u"scripted"_s});

    const wire::UploadStatus end = rig->upload(photo);

    QTEST(end.status, "end");
    QTEST(end.isSafe, "isSafe");
    QTEST(rig->store.objectCount(), "objects");
    QCOMPARE(end.errors.size(), 1);
    QCOMPARE(end.errors.first().code, code);
    QCOMPARE(end.errors.first().isFatal, errorInfo(code).isFatal);
    QCOMPARE(end.errors.first().stage, errorInfo(code).home);
    const auto stage = std::find_if(end.stages.begin(), end.stages.end(),
                                    [code](const StageRecord &record) { return record.stage == errorInfo(code).home; });
    QVERIFY(stage != end.stages.end());
    QCOMPARE(stage->isSuccessful, false);
    QCOMPARE(rig->sql(u"SELECT error_code FROM fact_upload_errors"_s), QString(errorName(code)));
    QTRY_COMPARE(rig->store.incoming().size(), 0);
}

void TestWorkStages::unequalBytesAreNotPublished()
{
    rig->store.flipByteAfterAssembly();
    const Photo photo = photoOf(1);

    const wire::Offer offer = committed(photo);
    const wire::UploadStatus status = rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return !told.errors.isEmpty(); });

    QCOMPARE(status.errors.first().code, ErrorCode::VerificationHashMismatch);
    QCOMPARE(status.errors.first().stage, Stage::Verification);
    QVERIFY(!status.errors.first().isFatal);
    QCOMPARE(status.status, Status::Running); // the client's again
    QVERIFY(!status.isKnown);
    QVERIFY(!status.isSafe);
    QVERIFY(!status.storedSha256.isEmpty() && status.storedSha256 != photo.sha256);
    QTRY_COMPARE(rig->store.incoming().size(), 0);
    QCOMPARE(rig->store.objectCount(), 0);
}

void TestWorkStages::missingPartsGiveTheAttemptBack()
{
    const Photo photo = photoOf(1, {}, wire::PartBytes + 1000);
    const wire::Offer offer = rig->ask(photo);
    rig->store.put(offer.uploadId, 1, photo.bytes.left(wire::PartBytes));
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);

    const wire::UploadStatus status = rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return !told.errors.isEmpty(); });

    QCOMPARE(status.errors.first().code, ErrorCode::ReceptionPartsMissing);
    QCOMPARE(status.status, Status::Running);
    QVERIFY(!status.isKnown);
    QCOMPARE(status.stages.first().isSuccessful, false);
}

void TestWorkStages::bytesThatWereNotThereComeAgain()
{
    const Photo photo = photoOf(1);
    const wire::Offer first = rig->ask(photo);
    QCOMPARE(rig->commit(first.uploadId, photo).status, 202); // nothing was put
    rig->statusWhen(first.uploadId, [](const wire::UploadStatus &told) { return !told.errors.isEmpty(); });

    QCOMPARE(rig->commit(first.uploadId, photo).status, 202); // it was accepted; the status says what became of it

    const wire::UploadStatus end = rig->upload(photo); // the same attempt

    QVERIFY(end.uploadId != first.uploadId);
    QCOMPARE(end.status, Status::Succeeded);
    QCOMPARE(end.errors.size(), 1);
    QCOMPARE(end.stages.first().retryCount, 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts"_s), 1);
}

void TestWorkStages::errorsSayWhichTryOfTheirStageTheyWere()
{
    Photo photo = photoOf(1);
    photo.question.attempt.attemptNumber = 7;
    const auto script = [&](const Error &error) {
        const std::scoped_lock lock(rig->script->mutex);
        rig->script->failures.insert(photo.bytes.size(), error);
    };
    script({ErrorCode::LocalResourcesLow, u"no process"_s});
    const wire::Offer offer = committed(photo);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return told.errors.size() == 1; });

    script({ErrorCode::LocalDiskError, u"the disk is broken"_s, {.osErrno = 5}});
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return told.errors.size() == 2; });
    script({ErrorCode::ValidationTruncated, u"scripted"_s});
    const wire::UploadStatus end = rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return isTerminal(told.status); });

    QCOMPARE(end.errors.size(), 3);
    QCOMPARE(end.errors.at(0).context.value("attempt"_L1).toInt(), 1);
    QVERIFY(end.errors.at(1).context.value("attempt"_L1).toInt() > 1);
    QCOMPARE(end.errors.at(1).context.value("os_errno"_L1).toInt(), 5);
    QCOMPARE(end.errors.at(2).context.value("attempt"_L1).toInt(), end.stages.last().retryCount + 1);
}

void TestWorkStages::whatCouldNotBeReadIsNotKnown()
{
    const Photo unreadable = photoOf(1);
    rig->script->failures.insert(unreadable.bytes.size(), Error{ErrorCode::MetadataUnreadable, u"scripted"_s});
    rig->upload(unreadable);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_photos WHERE row_version > 0 AND has_location_data IS NULL"_s), 1);

    rig->upload(photoOf(2, {}, 20000)); // read, and without coordinates

    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_photos WHERE row_version > 0 AND NOT has_location_data"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_photos WHERE row_version > 0 AND has_location_data IS NULL"_s), 1);
}

void TestWorkStages::safeComesBeforeTheEnd()
{
    const wire::Offer offer = committed(photoOf(1));
    int safeAt = 0;
    int endedAt = 0;
    rig->statusWhen(offer.uploadId, [&](const wire::UploadStatus &told) {
        if (told.isSafe && safeAt == 0)
            safeAt = told.version;
        if (isTerminal(told.status))
            endedAt = told.version;
        return endedAt != 0;
    });

    QVERIFY(safeAt > 0 && safeAt <= endedAt);
}

void TestWorkStages::jobsOfAnEarlierLifeAreTakenUp()
{
    const Photo photo = photoOf(1);
    {
        const std::scoped_lock lock(rig->script->mutex);
        rig->script->failures.insert(photo.bytes.size(), Error{ErrorCode::LocalResourcesLow, u"no process"_s});
    }
    const wire::Offer offer = committed(photo);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return !told.errors.isEmpty(); });
    rig->stop();
    QCOMPARE(rig->sql(u"SELECT stage FROM server_jobs"_s), u"validation"_s);
    rig->script->failures.clear();

    rig->start();

    const wire::UploadStatus end = rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return isTerminal(told.status); });
    QCOMPARE(end.status, Status::Succeeded);
}

void TestWorkStages::staleUploadsAreSwept()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    rig->stop();
    rig->options.staleAfter = std::chrono::milliseconds(-1); // everything is old
    rig->start();

    QTRY_COMPARE(rig->store.incoming().size(), 0);

    QVERIFY(!rig->status(offer.uploadId).uploads.first().isKnown);
    const ApiRig::Answer late = rig->commit(offer.uploadId, photo);
    QCOMPARE(late.code(), u"TRANSFER_UPLOAD_GONE"_s);
    QCOMPARE(rig->ask(photo).kind, wire::Offer::Kind::Upload);
}

/// With the server's own times: what nobody has touched is out of the store within 24 h, whenever the rounds are (FAULTS I7).
void TestWorkStages::whatNobodyTouchedIsGoneWithinADay()
{
    const server::UploadApi::Options own;
    constexpr std::chrono::minutes oneRound(30); // so long one may take
    QVERIFY(own.staleAfter + own.sweepEvery + oneRound <= std::chrono::hours(24));
    QVERIFY(own.staleAfter >= std::chrono::hours(22)); // who comes back the next morning goes on
    const Photo abandoned = photoOf(1);
    const Photo paused = photoOf(2);
    const wire::Offer gone = rig->ask(abandoned);
    const wire::Offer kept = rig->ask(paused);
    rig->stop();
    const auto touched = [this](const wire::Offer &offer, std::chrono::milliseconds ago) {
        rig->change(u"UPDATE server_uploads SET touched_ms = %1 WHERE upload_id = '%2'"_s.arg(nowMs() - ago.count()).arg(idText(offer.uploadId)));
    };
    touched(gone, own.staleAfter + std::chrono::minutes(1));
    touched(kept, own.staleAfter - std::chrono::minutes(5));
    rig->start();

    QTRY_VERIFY(!rig->store.incoming().contains(gone.uploadId));
    QVERIFY(rig->status(kept.uploadId).uploads.first().isKnown);
    QVERIFY(rig->store.incoming().contains(kept.uploadId));
}

void TestWorkStages::leftoversOfTheStoreAreSwept()
{
    rig->stop();
    QVERIFY(rig->store.begin(QUuid::createUuid(), 10, wire::PartBytes)); // a place no upload answers for
    rig->start();

    QTRY_COMPARE(rig->store.incoming().size(), 0);
}

void TestWorkStages::photoThatCannotBeIndexedIsSafeAndIndexedLater()
{
    rig->stop();
    rig->change(u"ALTER TABLE server_search RENAME TO server_search_away"_s);
    rig->start();

    const wire::UploadStatus end = rig->upload(photoOf(1));

    QCOMPARE(end.status, Status::Succeeded);
    QVERIFY(end.isSafe);
    QCOMPARE(end.errors.size(), 1);
    const ErrorRecord error = end.errors.first();
    QCOMPARE(error.code, ErrorCode::IndexingFailed);
    QCOMPARE(error.stage, Stage::Indexing);
    QVERIFY(!error.isFatal);
    QCOMPARE(error.message, u"Stored, but not in search yet"_s);
    // As the engine called it: undefined_table, or SQLITE_ERROR.
    QVERIFY2(error.context.value("sqlstate"_L1) == "42P01"_L1 || error.context.value("sqlite"_L1) == 1,
             QJsonDocument(error.context).toJson().constData());
    QCOMPARE(errorInfo(error.code).retry, RetryPolicy::Long);
    QCOMPARE(end.stages.last().stage, Stage::Indexing);
    QCOMPARE(end.stages.last().isSuccessful, false);
    QVERIFY(end.stages.last().endedMs); // closed at once
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_search_away"_s), 0);
    QCOMPARE(rig->sql(u"SELECT stage FROM server_jobs"_s), u"indexing"_s);

    QTRY_VERIFY(rig->sql(u"SELECT tries FROM server_jobs"_s).toInt() >= 2); // and by now again, in vain
    rig->change(u"ALTER TABLE server_search_away RENAME TO server_search"_s);

    QTRY_COMPARE(rig->sql(u"SELECT count(*) FROM server_search"_s), 1);
    QTRY_COMPARE(rig->sql(u"SELECT count(*) FROM server_jobs"_s), 0);
    QCOMPARE(rig->status(end.uploadId).uploads.first().version, end.version); // the later try belongs to no attempt
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_errors"_s), 1);
}

void TestWorkStages::aJobThatWaitsNowhereIsTakenUp()
{
    rig->stop();
    rig->options.lease = std::chrono::milliseconds(600);
    const auto held = rig->script->held = std::make_shared<std::latch>(1);
    auto open = qScopeGuard([&held] { held->count_down(); });
    rig->start();
    const LogWatch log;
    const wire::Offer offer = committed(photoOf(1));
    rig->statusWhen(offer.uploadId,
                    [](const wire::UploadStatus &told) { return !told.stages.isEmpty() && told.stages.last().stage == Stage::Validation; });

    // Whoever has it in hand finds it another server's and lets it go; then the row says that it is ours, as after a commit whose answer was lost.
    const QString owner = rig->sql(u"SELECT lease_owner FROM server_jobs"_s).toString();
    rig->change(u"UPDATE server_jobs SET lease_owner = 'other/b', lease_until_ms = %1"_s.arg(nowMs() + 600'000));
    open.dismiss();
    held->count_down();
    QTRY_COMPARE(LogWatch::linesWith(u"another server has taken up"_s).size(), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_jobs"_s), 1);
    rig->change(u"UPDATE server_jobs SET lease_owner = '%1'"_s.arg(owner));

    const wire::UploadStatus end = rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return isTerminal(told.status); });
    QCOMPARE(end.status, Status::Succeeded);
    QTRY_COMPARE(rig->sql(u"SELECT count(*) FROM server_jobs"_s), 0);
    QCOMPARE(LogWatch::linesWith(u"was in no lane"_s).size(), 1); // and of none that was where it belongs
}

void TestWorkStages::stagesSayWhoDidThem()
{
    const wire::UploadStatus end = rig->upload(photoOf(1));

    QCOMPARE(end.stages.size(), 6);
    for (const StageRecord &stage : end.stages) {
        const QString lane = stage.stage == Stage::Reception ? u"receiving-"_s : u"examining-"_s;
        QVERIFY2(stage.metadata.value("worker"_L1).toString().startsWith(lane), stageName(stage.stage).data());
    }
    const QJsonValue reread = end.stages.first().metadata.value("reread_ms"_L1);
    QVERIFY(reread.isDouble() && reread.toInt() >= 0 && reread.toInt() < 10000);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_stages WHERE stage_metadata ->> 'worker' IS NOT NULL"_s), 6);
}

QTEST_GUILESS_MAIN(TestWorkStages)
#include "tst_workstages.moc"
