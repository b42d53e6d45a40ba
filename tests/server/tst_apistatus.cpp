#include "tests/server/apitest.h"

#include <QElapsedTimer>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// The status call: it waits for a change, and tells nothing but changes.
class TestApiStatus : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void statusWaitsForAChange();
    void statusWithoutChangeIsEmptyAfterItsTime();
    void stopWakesWaitingCalls();
    void onlyChangesAreTold();
};

void TestApiStatus::statusWaitsForAChange()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    const int version = rig->status(offer.uploadId).uploads.first().version;
    const auto waiting = rig->callLater("POST", "/v1/status", jsonBytes(wire::toJson(wire::StatusQuery{{{offer.uploadId, version}}, 20})));
    QCoreApplication::processEvents();
    QVERIFY(!*waiting);

    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);

    QTRY_VERIFY(*waiting);
    QCOMPARE((*waiting)->status, 200);
    QVERIFY(wire::statusAnswerFromJson((*waiting)->json)->uploads.first().version > version);
}

void TestApiStatus::statusWithoutChangeIsEmptyAfterItsTime()
{
    const wire::Offer offer = rig->ask(photoOf(1));
    const int version = rig->status(offer.uploadId).uploads.first().version;
    QElapsedTimer timer;
    timer.start();

    const wire::StatusAnswer answer = rig->status(offer.uploadId, version, 1);

    QVERIFY(answer.uploads.isEmpty());
    QVERIFY(timer.elapsed() >= 950);
}

void TestApiStatus::stopWakesWaitingCalls()
{
    const wire::Offer offer = rig->ask(photoOf(1));
    const int version = rig->status(offer.uploadId).uploads.first().version;
    const auto waiting = rig->callLater("POST", "/v1/status", jsonBytes(wire::toJson(wire::StatusQuery{{{offer.uploadId, version}}, 20})));

    QElapsedTimer timer;
    timer.start();
    rig->stop();

    QTRY_VERIFY(*waiting);
    QVERIFY(timer.elapsed() < 5000);
}

void TestApiStatus::onlyChangesAreTold()
{
    const wire::UploadStatus one = rig->upload(photoOf(1));
    const wire::UploadStatus two = rig->upload(photoOf(2));
    const wire::StatusQuery query{{{one.uploadId, one.version}, {two.uploadId, two.version - 1}}, 0};

    const auto answer = wire::statusAnswerFromJson(rig->call("POST", "/v1/status", jsonBytes(wire::toJson(query))).json);

    QCOMPARE(answer->uploads.size(), 1);
    QCOMPARE(answer->uploads.first().uploadId, two.uploadId);
}

QTEST_GUILESS_MAIN(TestApiStatus)
#include "tst_apistatus.moc"
