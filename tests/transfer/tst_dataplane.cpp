#include "models/transfer/dataplane.h"
#include "models/vocabulary/ids.h"
#include "tests/support/faultproxy.h"
#include "tests/transfer/partfixture.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;
using namespace photolift::tests;
using transfer::DataPlane;

namespace {
constexpr qint64 MiB = 1024 * 1024;
}

/// What one part is on the line: its bytes, its headers, its question, its progress. Real sockets, a scripted server in this process.
class tst_DataPlane final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sendsExactlyTheBytesOfThePart();
    void sendsThePartsOfOneFileOverKeptConnections();
    void asksBeforeItSendsALargePart();
    void goesOnWhenNobodyAnswersTheQuestion();
    void sourceShorterThanItsPart();
    void sourceChangedUnderWayIsRefusedByTheStore();
    void progressIsWhatThePeerHas();
    void expiredLinkIsNotTried();
    void headersThatCannotBeSentAreRefused();
};

void tst_DataPlane::sendsExactlyTheBytesOfThePart()
{
    SourceFile source(3000);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url("/key?partNumber=2"), 2, 1000));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
    QCOMPARE(store.requests().first().body, source.bytes(1000, 1000));
    QCOMPARE(store.requests().first().method, "PUT");
    QCOMPARE(store.requests().first().target, "/key?partNumber=2");
    QVERIFY(outcomes.last().timings.value("total_us"_L1).toInteger() > 0);
    QVERIFY(outcomes.last().timings.value("local_port"_L1).toInteger() > 0);
    QCOMPARE(plane.totalSentBytes(), 1000);
}

void tst_DataPlane::sendsThePartsOfOneFileOverKeptConnections()
{
    SourceFile source(40 * 64 * 1024);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(impatient());
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
    DataPlane plane(impatient());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_LINK_REFUSED");
    QCOMPARE(outcomes.last().result.error().cause.s3Code, u"SignatureDoesNotMatch"_s);
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
    DataPlane::Options options = impatient();
    options.stallTimeoutMs = 5000;
    DataPlane plane(options);
    Outcomes outcomes(plane);

    plane.start(partOf(source, QUrl(u"http://127.0.0.1:%1/"_s.arg(store.serverPort()))));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
}

void tst_DataPlane::sourceShorterThanItsPart()
{
    SourceFile source(3 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    DataPlane plane(impatient());
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
    DataPlane plane(impatient());
    Outcomes outcomes(plane);
    plane.setRateLimit(2 * MiB);
    plane.start(partOf(source, store.url()));
    QTRY_VERIFY(plane.totalSentBytes() > 100000);

    source.overwrite(3 * MiB, "another byte");
    plane.setRateLimit(0);

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_DAMAGED_ON_THE_WAY"); // its ETag is that of other bytes
}

void tst_DataPlane::progressIsWhatThePeerHas()
{
    SourceFile source(32 * MiB);
    FaultProxy store;
    store.setResponder(echoEtag);
    store.add({.silentAfterBodyBytes = 2 * MiB});
    DataPlane::Options options = impatient();
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
    DataPlane plane(impatient());
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
    DataPlane plane(impatient());
    Outcomes outcomes(plane);
    transfer::PartJob job = partOf(source, store.url());
    job.headers.emplaceBack("x-evil", "a\r\nX-Amz-Acl: public-read");

    plane.start(job);

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "INTERNAL_UNKNOWN");
    QCOMPARE(store.requests().size(), 0);
}

QTEST_GUILESS_MAIN(tst_DataPlane)
#include "tst_dataplane.moc"
