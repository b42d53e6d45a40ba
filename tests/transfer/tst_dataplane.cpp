#include "models/transfer/dataplane.h"
#include "models/vocabulary/ids.h"
#include "tests/support/faultproxy.h"
#include "tests/transfer/partfixture.h"

#include <QElapsedTimer>
#include <QTcpServer>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;
using namespace photolift::tests;
using transfer::DataPlane;

namespace {
constexpr qint64 MiB = 1024 * 1024;

DataPlane::Options quick()
{
    DataPlane::Options options;
    options.connectTimeoutMs = 2000;
    options.stallTimeoutMs = 400; // the product waits 60 s
    return options;
}
}

/// The data plane against real sockets: a scripted server in this process.
class tst_DataPlane final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sendsExactlyTheBytesOfThePart();
    void sendsThePartsOfOneFileOverKeptConnections();
    void asksBeforeItSendsALargePart();
    void goesOnWhenNobodyAnswersTheQuestion();
    void answerDecides_data();
    void answerDecides();
    void brokenConnection_data();
    void brokenConnection();
    void nothingListens();
    void unknownName();
    void stallsWhenThePeerStopsReading();
    void stallsWhenTheAnswerNeverComes();
    void slowButMovingIsNoStall();
    void keepsToTheLimitOverAllConnections();
    void aLowLimitIsNoStall();
    void theLimitCanBeLifted();
    void sourceShorterThanItsPart();
    void sourceChangedUnderWayIsRefusedByTheStore();
    void cancelEndsRunningAndWaitingParts();
    void cancelLeavesOthersAlone();
    void goingAwayReportsEveryPart();
    void progressIsWhatThePeerHas();
    void expiredLinkIsNotTried();
    void headersThatCannotBeSentAreRefused();
    void retryAfterIsPassedOn();
    void deadKeptConnectionIsNotRepeatedOnceBytesWereRead();
};

void tst_DataPlane::sendsExactlyTheBytesOfThePart()
{
    SourceFile source(3000);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url("/key?partNumber=2"), 2, 1000));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
    QCOMPARE(store.requests().first().body, source.bytes(1000, 1000));
    QCOMPARE(store.requests().first().method, "PUT");
    QCOMPARE(store.requests().first().target, "/key?partNumber=2");
    QCOMPARE(outcomes.last().httpStatus, 200);
    QVERIFY(outcomes.last().timings.value("total_us"_L1).toInteger() > 0);
    QVERIFY(outcomes.last().timings.value("local_port"_L1).toInteger() > 0);
    QCOMPARE(plane.totalSentBytes(), 1000);
}

void tst_DataPlane::sendsThePartsOfOneFileOverKeptConnections()
{
    SourceFile source(40 * 64 * 1024);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    for (int number = 1; number <= 40; ++number)
        plane.start(partOf(source, store.url(), number, 64 * 1024));

    QTRY_COMPARE(outcomes.count(), 40);
    for (const transfer::PartOutcome &outcome : outcomes.all())
        QCOMPARE(nameOf(outcome.result), "ok");
    QCOMPARE(store.connections(), 4);
    QCOMPARE(store.bodyBytes("PUT"), source.size());
}

void tst_DataPlane::asksBeforeItSendsALargePart()
{
    SourceFile source(2 * MiB);
    FaultProxy store;
    store.add({.answerAtOnce = FaultProxy::answer(403, "application/xml", "<Error><Code>SignatureDoesNotMatch</Code></Error>",
                                                  {{"x-amz-request-id", "r-9"}}),
               .isClosedAfterAnswer = true});
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_LINK_REFUSED");
    QCOMPARE(outcomes.last().s3Code, u"SignatureDoesNotMatch"_s);
    QCOMPARE(outcomes.last().requestId, u"r-9"_s);
    QCOMPARE(store.bodyBytes("PUT"), 0);
    QCOMPARE(store.requests().first().headers.value("expect"), "100-continue");
}

void tst_DataPlane::goesOnWhenNobodyAnswersTheQuestion()
{
    // A store that ignores Expect: says nothing before the whole body is there.
    SourceFile source(MiB);
    QTcpServer store;
    store.listen(QHostAddress::LocalHost);
    QByteArray seen;
    connect(&store, &QTcpServer::newConnection, &store, [&] {
        QTcpSocket *socket = store.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [&seen, socket] {
            seen += socket->readAll();
            if (seen.size() - seen.indexOf("\r\n\r\n") - 4 == MiB)
                socket->write("HTTP/1.1 200 OK\r\nETag: \"5eed0123\"\r\nContent-Length: 0\r\n\r\n");
        });
    });
    DataPlane::Options options = quick();
    options.stallTimeoutMs = 5000;
    DataPlane plane(options);
    Outcomes outcomes(plane);

    plane.start(partOf(source, QUrl(u"http://127.0.0.1:%1/"_s.arg(store.serverPort()))));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlane::answerDecides_data()
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

void tst_DataPlane::answerDecides()
{
    QFETCH(QByteArray, answer);
    QFETCH(QByteArray, expected);
    SourceFile source(100);
    FaultProxy store;
    store.add({.answerAtOnce = answer, .isClosedAfterAnswer = true});
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), expected);
    QCOMPARE(store.requests().size(), 1);
}

void tst_DataPlane::brokenConnection_data()
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

void tst_DataPlane::brokenConnection()
{
    QFETCH(Fault, fault);
    SourceFile source(2 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add(fault);
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_CONNECTION_LOST");
    QCOMPARE(store.requests().size(), 1); // nobody but the pipeline tries again

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 2);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlane::nothingListens()
{
    SourceFile source(100);
    FaultProxy store;
    store.setDown(true);
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "NETWORK_CONNECT_FAILED");
    QCOMPARE(outcomes.last().osErrno, ECONNREFUSED);
    QCOMPARE(outcomes.last().httpStatus, 0);
}

void tst_DataPlane::unknownName()
{
    SourceFile source(100);
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, QUrl(u"http://photos.invalid/"_s))); // RFC 2606: never a name

    QTRY_COMPARE_WITH_TIMEOUT(outcomes.count(), 1, 20000);
    QCOMPARE(nameOf(outcomes.last().result), "NETWORK_HOST_NOT_FOUND");
}

void tst_DataPlane::stallsWhenThePeerStopsReading()
{
    SourceFile source(32 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add({.silentAfterBodyBytes = MiB});
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_TIMEOUT");
    QVERIFY(plane.totalSentBytes() >= MiB);
    QVERIFY(plane.totalSentBytes() < source.size());
}

void tst_DataPlane::stallsWhenTheAnswerNeverComes()
{
    SourceFile source(1000);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add({.isAnswerHeld = true});
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_TIMEOUT");
}

void tst_DataPlane::slowButMovingIsNoStall()
{
    SourceFile source(4 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.setBandwidth(3 * MiB);
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url())); // takes three times as long as a stall may

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlane::keepsToTheLimitOverAllConnections()
{
    SourceFile source(4 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(quick());
    Outcomes outcomes(plane);
    plane.setRateLimit(4 * MiB);
    QElapsedTimer clock;
    clock.start();

    for (int number = 1; number <= 4; ++number)
        plane.start(partOf(source, store.url(), number, MiB));

    QTRY_COMPARE(outcomes.count(), 4);
    const qint64 tookMs = clock.elapsed();
    for (const transfer::PartOutcome &outcome : outcomes.all())
        QCOMPARE(nameOf(outcome.result), "ok");
    QCOMPARE(store.connections(), 4);
    QVERIFY2(tookMs >= 850, qPrintable(QString::number(tookMs))); // 1000 ms less the tenth of a second in the bucket, and a little
    QVERIFY2(tookMs <= 2000, qPrintable(QString::number(tookMs)));
}

void tst_DataPlane::aLowLimitIsNoStall()
{
    SourceFile source(3000);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane::Options options = quick();
    options.stallTimeoutMs = 250;
    DataPlane plane(options);
    Outcomes outcomes(plane);
    plane.setRateLimit(2000); // half a second between two packets

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlane::theLimitCanBeLifted()
{
    SourceFile source(4 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(quick());
    Outcomes outcomes(plane);
    plane.setRateLimit(10000);
    plane.start(partOf(source, store.url()));
    QTRY_VERIFY(plane.totalSentBytes() > 0);

    plane.setRateLimit(0);

    QTRY_COMPARE(outcomes.count(), 1); // at 10 kB/s it would take seven minutes
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlane::sourceShorterThanItsPart()
{
    SourceFile source(3 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(quick());
    Outcomes outcomes(plane);
    const transfer::PartJob job = partOf(source, store.url());
    source.truncate(MiB);

    plane.start(job);

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "PREPROCESSING_READ_FAILED");
}

void tst_DataPlane::sourceChangedUnderWayIsRefusedByTheStore()
{
    SourceFile source(4 * MiB);
    FaultProxy store;
    store.setResponder([](const SeenRequest &request) { // names what it has got
        return FaultProxy::answer(200, {}, {}, {{"ETag", '"' + sha256(request.body).toHex() + '"'}, {"x-amz-request-id", "r-1"}});
    });
    DataPlane plane(quick());
    Outcomes outcomes(plane);
    plane.setRateLimit(2 * MiB);
    plane.start(partOf(source, store.url()));
    QTRY_VERIFY(plane.totalSentBytes() > 100000);

    source.overwrite(3 * MiB, "another byte");
    plane.setRateLimit(0);

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_DAMAGED_ON_THE_WAY"); // its ETag is that of other bytes
}

void tst_DataPlane::cancelEndsRunningAndWaitingParts()
{
    SourceFile source(8 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(quick());
    Outcomes outcomes(plane);
    plane.setRateLimit(100000);
    transfer::PartJob job = partOf(source, store.url(), 1, MiB);
    for (int number = 1; number <= 8; ++number) {
        job.number = number;
        plane.start(job);
    }
    QTRY_VERIFY(plane.sentBytes(job.clientUploadId) > 0);

    plane.cancel(job.clientUploadId);

    QTRY_COMPARE(outcomes.count(), 8);
    for (const transfer::PartOutcome &outcome : outcomes.all())
        QCOMPARE(nameOf(outcome.result), "USER_CANCELLED");
    QCOMPARE(plane.sentBytes(job.clientUploadId), 0);
}

void tst_DataPlane::cancelLeavesOthersAlone()
{
    SourceFile source(MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add({.times = -1, .isAnswerHeld = true});
    DataPlane::Options options = quick();
    options.stallTimeoutMs = 10000;
    DataPlane plane(options);
    Outcomes outcomes(plane);
    const transfer::PartJob unwanted = partOf(source, store.url());
    const transfer::PartJob wanted = partOf(source, store.url());
    plane.start(unwanted);
    plane.start(wanted);
    QTRY_COMPARE(store.heldAnswers(), 2);

    plane.cancel(unwanted.clientUploadId);
    QTRY_COMPARE(outcomes.count(), 1);
    store.release();

    QTRY_COMPARE(outcomes.count(), 2);
    QCOMPARE(outcomes.all().first().clientUploadId, unwanted.clientUploadId);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlane::goingAwayReportsEveryPart()
{
    SourceFile source(MiB);
    FaultProxy store;
    store.add({.times = -1, .isSilent = true});
    auto plane = std::make_unique<DataPlane>(quick());
    Outcomes outcomes(*plane);
    for (int i = 0; i < 6; ++i)
        plane->start(partOf(source, store.url()));
    QTRY_COMPARE(store.requests().size(), 4);

    plane.reset();

    QTRY_COMPARE(outcomes.count(), 6);
    for (const transfer::PartOutcome &outcome : outcomes.all())
        QCOMPARE(nameOf(outcome.result), "USER_CANCELLED");
}

void tst_DataPlane::progressIsWhatThePeerHas()
{
    SourceFile source(32 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add({.silentAfterBodyBytes = 2 * MiB});
    DataPlane::Options options = quick();
    options.stallTimeoutMs = 5000;
    DataPlane plane(options);
    const transfer::PartJob job = partOf(source, store.url());

    plane.start(job);

    QTRY_VERIFY(plane.sentBytes(job.clientUploadId) >= 2 * MiB);
    QVERIFY(plane.sentBytes(job.clientUploadId) < 16 * MiB); // what two kernels buffer, not what was read from the file
}

void tst_DataPlane::expiredLinkIsNotTried()
{
    SourceFile source(100);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(quick());
    Outcomes outcomes(plane);
    transfer::PartJob job = partOf(source, store.url());
    job.linkExpiresMs = nowMs() - 1;

    plane.start(job);

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_LINK_EXPIRED");
    QCOMPARE(store.requests().size(), 0);
}

void tst_DataPlane::headersThatCannotBeSentAreRefused()
{
    SourceFile source(100);
    FaultProxy store;
    DataPlane plane(quick());
    Outcomes outcomes(plane);
    transfer::PartJob job = partOf(source, store.url());
    job.headers.emplaceBack("x-evil", "a\r\nX-Amz-Acl: public-read");

    plane.start(job);

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "INTERNAL_UNKNOWN");
    QCOMPARE(store.requests().size(), 0);
}

void tst_DataPlane::retryAfterIsPassedOn()
{
    SourceFile source(100);
    FaultProxy store;
    store.add({.answerAtOnce = FaultProxy::answer(503, "application/xml", "<Error><Code>SlowDown</Code></Error>",
                                                  {{"x-amz-request-id", "r"}, {"Retry-After", "7"}})});
    DataPlane plane(quick());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(outcomes.last().retryAfterMs.value_or(-1), 7000);
}

void tst_DataPlane::deadKeptConnectionIsNotRepeatedOnceBytesWereRead()
{
    SourceFile source(1000);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane::Options options = quick();
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


QTEST_GUILESS_MAIN(tst_DataPlane)
#include "tst_dataplane.moc"
