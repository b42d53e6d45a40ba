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
    void rowsOfANewerServerAreUnderstood();
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

/// Servers are updated one after the other: two versions share the tables meanwhile.
void TestApiStatus::rowsOfANewerServerAreUnderstood()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    const auto writeAsANewerServer = [this](const QStringList &columns) {
        rig->stop();
        for (const QString &column : columns) {
            for (const QString &field : {u"row_version"_s, u"device_id"_s}) // of the whole, and of what stands in it
                rig->change(uR"(UPDATE server_uploads SET %1 = replace(%1, '"%2":', '"newer":true,"%2":'))"_s.arg(column, field));
        }
        rig->start();
    };
    writeAsANewerServer({u"attempt_json"_s, u"told_json"_s});

    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);

    const wire::UploadStatus end = rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &now) { return now.status == Status::Succeeded; });
    QVERIFY(end.isSafe && end.photo);
    writeAsANewerServer({u"attempt_json"_s, u"photo_json"_s, u"told_json"_s});
    QCOMPARE(rig->sql(uR"(SELECT count(*) FROM server_uploads WHERE photo_json LIKE '%"newer"%' AND attempt_json LIKE '%"newer":true,"device_id"%')"_s).toInt(), 1);
    QCOMPARE(wire::toJson(rig->status(offer.uploadId)), wire::toJson(wire::StatusAnswer{{end}}));
    QCOMPARE(rig->ask(photo).isCommitted, true);
}

QTEST_GUILESS_MAIN(TestApiStatus)
#include "tst_apistatus.moc"
