#include "models/transfer/dataplane.h"
#include "tests/support/faultproxy.h"
#include "tests/transfer/partfixture.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;
using namespace photolift::tests;
using transfer::DataPlane;

namespace {
constexpr qint64 MiB = 1024 * 1024;
}

/// How a part ends that does not arrive: what the store answers, what the network does, what falls silent.
class tst_DataPlaneFaults final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answerDecides_data();
    void answerDecides();
    void brokenConnection_data();
    void brokenConnection();
    void nothingListens();
    void unknownName();
    void stallsWhenThePeerStopsReading();
    void stallsWhenTheAnswerNeverComes();
    void slowButMovingIsNoStall();
    void retryAfterIsPassedOn();
    void deadKeptConnectionIsNotRepeatedOnceBytesWereRead();
};

void tst_DataPlaneFaults::answerDecides_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QByteArray>("expected");
    const QList<FaultProxy::Header> store = {{"x-amz-request-id", "r-1"}};
    const auto xml = [&](int status, const QByteArray &code) {
        return FaultProxy::answer(status, "application/xml", "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code></Error>", store);
    };
    QTest::newRow("200 with another checksum -> damaged")
        << FaultProxy::answer(200, {}, {}, {{"ETag", "\"0000\""}, {"x-amz-request-id", "r-1"}}) << QByteArray("TRANSFER_DAMAGED_ON_THE_WAY");
    QTest::newRow("200 without a checksum, from a store -> damaged") << FaultProxy::answer(200, {}, {}, store) << QByteArray("TRANSFER_DAMAGED_ON_THE_WAY");
    QTest::newRow("200 with HTML -> login page") << FaultProxy::answer(200, "text/html", "<h1>Welcome") << QByteArray("NETWORK_LOGIN_PAGE");
    QTest::newRow("302 -> login page") << FaultProxy::answer(302, {}, {}, {{"Location", "http://portal/"}}) << QByteArray("NETWORK_LOGIN_PAGE");
    QTest::newRow("403 HTML -> login page") << FaultProxy::answer(403, "text/html", "<h1>Blocked") << QByteArray("NETWORK_LOGIN_PAGE");
    QTest::newRow("403 without any mark -> login page") << FaultProxy::answer(403, {}, {}) << QByteArray("NETWORK_LOGIN_PAGE");
    QTest::newRow("511 -> login page") << FaultProxy::answer(511, {}, {}) << QByteArray("NETWORK_LOGIN_PAGE");
    QTest::newRow("403 AccessDenied before our expiry -> refused") << xml(403, "AccessDenied") << QByteArray("TRANSFER_LINK_REFUSED");
    QTest::newRow("412 -> already there") << xml(412, "PreconditionFailed") << QByteArray("TRANSFER_ALREADY_THERE");
    QTest::newRow("400 BadDigest -> damaged") << xml(400, "BadDigest") << QByteArray("TRANSFER_DAMAGED_ON_THE_WAY");
    QTest::newRow("503 SlowDown -> busy") << xml(503, "SlowDown") << QByteArray("TRANSFER_STORAGE_BUSY");
    QTest::newRow("404 NoSuchUpload -> gone") << xml(404, "NoSuchUpload") << QByteArray("TRANSFER_UPLOAD_GONE");
    QTest::newRow("502 of a balancer -> unavailable") << FaultProxy::answer(502, "text/html", "<h1>Bad gateway") << QByteArray("API_UNAVAILABLE");
    QTest::newRow("507 -> no space") << FaultProxy::answer(507, {}, {}, store) << QByteArray("STORAGE_NO_SPACE");
    QTest::newRow("our problem body names the code")
        << FaultProxy::ourAnswer(507, R"({"type":"about:blank","title":"x","status":507,"code":"STORAGE_NO_SPACE","request_id":"q"})")
        << QByteArray("STORAGE_NO_SPACE");
    QTest::newRow("no HTTP at all -> login page") << QByteArray("220 mail.example ESMTP\r\n") << QByteArray("NETWORK_LOGIN_PAGE");
}

void tst_DataPlaneFaults::answerDecides()
{
    QFETCH(QByteArray, answer);
    QFETCH(QByteArray, expected);
    SourceFile source(100);
    FaultProxy store;
    store.add({.answerAtOnce = answer, .isClosedAfterAnswer = true});
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), expected);
    QCOMPARE(store.requests().size(), 1);
}

void tst_DataPlaneFaults::brokenConnection_data()
{
    QTest::addColumn<Fault>("fault");
    QTest::newRow("reset before the first byte") << Fault{.resetAfterBodyBytes = 0};
    QTest::newRow("reset after 1 byte") << Fault{.resetAfterBodyBytes = 1};
    QTest::newRow("reset after 1460 bytes") << Fault{.resetAfterBodyBytes = 1460};
    QTest::newRow("reset after 1 MiB") << Fault{.resetAfterBodyBytes = MiB};
    QTest::newRow("reset after the last byte") << Fault{.resetAfterBodyBytes = 2 * MiB};
    QTest::newRow("closed half way") << Fault{.closeAfterBodyBytes = MiB};
    QTest::newRow("closed instead of an answer") << Fault{.closeAfterAnswerBytes = 0};
    QTest::newRow("reset instead of an answer") << Fault{.resetAfterAnswerBytes = 0};
    QTest::newRow("closed inside the answer's head") << Fault{.closeAfterAnswerBytes = 20};
}

void tst_DataPlaneFaults::brokenConnection()
{
    QFETCH(Fault, fault);
    SourceFile source(2 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add(fault);
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_CONNECTION_LOST");
    QCOMPARE(store.requests().size(), 1); // nobody but the pipeline tries again

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 2);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlaneFaults::nothingListens()
{
    SourceFile source(100);
    FaultProxy store;
    store.setDown(true);
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "NETWORK_CONNECT_FAILED");
    QCOMPARE(outcomes.last().result.error().cause.osErrno, ECONNREFUSED);
    QCOMPARE(outcomes.last().result.error().cause.curlCode, 7); // CURLE_COULDNT_CONNECT
    QCOMPARE(outcomes.last().result.error().cause.httpStatus, 0);
}

void tst_DataPlaneFaults::unknownName()
{
    SourceFile source(100);
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, QUrl(u"http://photos.invalid/"_s))); // RFC 2606: never a name

    QTRY_COMPARE_WITH_TIMEOUT(outcomes.count(), 1, 20000);
    QCOMPARE(nameOf(outcomes.last().result), "NETWORK_HOST_NOT_FOUND");
}

void tst_DataPlaneFaults::stallsWhenThePeerStopsReading()
{
    SourceFile source(32 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add({.silentAfterBodyBytes = MiB});
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_TIMEOUT");
    QVERIFY(plane.totalSentBytes() >= MiB);
    QVERIFY(plane.totalSentBytes() < source.size());
}

void tst_DataPlaneFaults::stallsWhenTheAnswerNeverComes()
{
    SourceFile source(1000);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add({.isAnswerHeld = true});
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_TIMEOUT");
}

void tst_DataPlaneFaults::slowButMovingIsNoStall()
{
    SourceFile source(4 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.setBandwidth(3 * MiB);
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url())); // takes three times as long as a stall may

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlaneFaults::retryAfterIsPassedOn()
{
    SourceFile source(100);
    FaultProxy store;
    store.add({.answerAtOnce = FaultProxy::answer(503, "application/xml", "<Error><Code>SlowDown</Code></Error>",
                                                  {{"x-amz-request-id", "r"}, {"Retry-After", "7"}})});
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(outcomes.last().retryAfterMs.value_or(-1), 7000);
}

void tst_DataPlaneFaults::deadKeptConnectionIsNotRepeatedOnceBytesWereRead()
{
    SourceFile source(1000);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane::Options options = impatient();
    options.connections = 1;
    DataPlane plane(options);
    Outcomes outcomes(plane);
    plane.start(partOf(source, store.url()));
    QTRY_COMPARE(outcomes.count(), 1);
    store.add({.resetAfterBodyBytes = 1000}); // on the kept connection, after the body, before an answer: libcurl would repeat it

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 2);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_CONNECTION_LOST");
    QCOMPARE(store.requests().size(), 2);
}

QTEST_GUILESS_MAIN(tst_DataPlaneFaults)
#include "tst_dataplane_faults.moc"
