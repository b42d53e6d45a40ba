#include "tests/server/apitest.h"

#include "tests/support/serverrun.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// The children that open photos: one that crashes, hangs, lies or cannot be had.
class TestWorkChildren : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void crashingPhotoIsTriedTwiceThenQuarantined();
    void photoThatHangsTheCheckIsEnded();
    void asManyPhotosAreOpenedAtOnceAsItIsGiven();
    void timesThatAChildMakesUpAreNotBelieved();
    void unavailableHelperOnlyDelays();
};

void TestWorkChildren::crashingPhotoIsTriedTwiceThenQuarantined()
{
    const Photo photo = photoOf(1);
    rig->script->failures.insert(photo.bytes.size(), Error{ErrorCode::ValidationCheckCrashed, u"scripted"_s, {.signal = 11}});

    const wire::UploadStatus end = rig->upload(photo);

    QCOMPARE(end.status, Status::Failed);
    QVERIFY(!end.isSafe);
    QCOMPARE(rig->script->orders.value(static_cast<int>(photo::Order::Everything)), 2);
    QCOMPARE(end.stages.last().stage, Stage::Validation);
    QCOMPARE(end.stages.last().retryCount, 1);
    QCOMPARE(end.errors.last().context.value("signal"_L1).toInt(), 11);
    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
    QCOMPARE(rig->sql(u"SELECT state FROM server_objects"_s), u"quarantined"_s);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 0);
    QCOMPARE(rig->ask(nextAttempt(photo)).refusedWith, ErrorCode::ValidationCheckCrashed);
    QCOMPARE(rig->upload(photoOf(2, {}, 20000)).status, Status::Succeeded); // others go on
}

void TestWorkChildren::photoThatHangsTheCheckIsEnded()
{
    rig->stop();
    rig->options.makeExaminer = {};
    rig->options.photoProgram = support::programFolder() + u"/hostilephoto"_s;
    rig->options.helperDeadlineMs = 1500; // ten minutes in the real one: who uses no processor harms nobody
    rig->start();
    Photo hanging = photoOf(1);
    hanging.bytes.append("HOSTILE:wait");
    hanging.sha256 = hanging.question.sha256 = sha256Of(hanging.bytes);
    hanging.question.size = hanging.bytes.size();
    const wire::Offer offer = committed(hanging);

    QCOMPARE(rig->upload(photoOf(2)).status, Status::Succeeded); // the other lane of the check is free

    const wire::UploadStatus end = rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return isTerminal(told.status); });
    QCOMPARE(end.status, Status::Failed);
    QCOMPARE(end.errors.first().code, ErrorCode::ValidationCheckCrashed);
}

void TestWorkChildren::asManyPhotosAreOpenedAtOnceAsItIsGiven()
{
    constexpr int AtOnce = 5;
    rig->stop();
    rig->options.makeExaminer = {};
    rig->options.photoProgram = support::programFolder() + u"/hostilephoto"_s;
    rig->options.examiningThreads = AtOnce;
    rig->start();
    for (int i = 1; i < AtOnce; ++i) {
        Photo hanging = photoOf(i);
        hanging.bytes.append("HOSTILE:wait");
        hanging.sha256 = hanging.question.sha256 = sha256Of(hanging.bytes);
        hanging.question.size = hanging.bytes.size();
        const wire::Offer offer = committed(hanging);
        rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return !told.stages.isEmpty() && told.stages.last().stage == Stage::Validation; });
    }

    QCOMPARE(rig->upload(photoOf(AtOnce)).status, Status::Succeeded);
}

void TestWorkChildren::timesThatAChildMakesUpAreNotBelieved()
{
    constexpr qint64 TenHoursMs = 36'000'000;
    rig->script->steps = {{Stage::Validation, {}, TenHoursMs}, {Stage::MetadataExtraction, {}, TenHoursMs}, {Stage::Processing, {}, TenHoursMs}};

    const wire::UploadStatus end = rig->upload(photoOf(1));

    QCOMPARE(end.status, Status::Succeeded);
    for (qsizetype i = 1; i < end.stages.size(); ++i) {
        const StageRecord &stage = end.stages.at(i);
        if (stage.stage < Stage::Validation)
            continue;
        QVERIFY(stage.endedMs && stage.durationMs);
        QVERIFY2(*stage.durationMs >= 0 && *stage.durationMs <= *stage.endedMs - stage.startedMs + 1, stageName(stage.stage).data()); // 1: both are cut to whole ms
        QVERIFY2(stage.stage == Stage::Validation || stage.startedMs >= *end.stages.at(i - 1).endedMs, stageName(stage.stage).data());
    }
}

void TestWorkChildren::unavailableHelperOnlyDelays()
{
    const Photo photo = photoOf(1);
    {
        const std::scoped_lock lock(rig->script->mutex);
        rig->script->failures.insert(photo.bytes.size(), Error{ErrorCode::LocalResourcesLow, u"no process"_s});
    }
    const wire::Offer offer = committed(photo);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return !told.errors.isEmpty(); });
    {
        const std::scoped_lock lock(rig->script->mutex);
        rig->script->failures.clear();
    }

    const wire::UploadStatus end = rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return isTerminal(told.status); });

    QCOMPARE(end.status, Status::Succeeded);
    QCOMPARE(end.errors.size(), 1); // told once, however often it was tried
    QVERIFY(end.stages.at(1).retryCount >= 1);
}

QTEST_GUILESS_MAIN(TestWorkChildren)
#include "tst_workchildren.moc"
