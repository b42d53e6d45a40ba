#include "tests/server/httprig.h"
#include "tests/support/rawclient.h"

#include <QTest>

using namespace photolift;
using namespace photolift::server;
using photolift::test::RawAnswer;
using photolift::test::RawClient;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Bodies on their way in: collected, streamed to a sink, torn, too slow. Over real sockets.
class HttpBodiesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void chunkedBodyIsRead();
    void streamedBodyArrivesInLargeChunks();
    void tornStreamLeavesNoFinishedSink();
    void fullDiskIsToldInTheMiddleOfABody();
    void streamWithoutLengthIsRefused();
    void silentBodyIsCut();
    void tricklingBodyIsCut();
    void aStrangersBodyIsCutSooner();
};

void HttpBodiesTest::chunkedBodyIsRead()
{
    HttpRig rig;
    RawClient client(rig.port);
    const QByteArray head = rig.head("POST /echo", "Transfer-Encoding: chunked\r\n");

    const RawAnswer answer = client.ask(QByteArray(head + "5\r\nHello\r\n7;note=x\r\n, world\r\n0\r\nTrailer: x\r\n\r\n"));
    QCOMPARE(answer.body, QByteArray("Hello, world"));
    QCOMPARE(client.ask(rig.post("again")).body, QByteArray("again"));

    RawClient broken(rig.port);
    QCOMPARE(broken.ask(QByteArray(head + "zz\r\nHello\r\n0\r\n\r\n")).status, 400);
    QVERIFY(broken.isClosedWithin(10s));
}

void HttpBodiesTest::streamedBodyArrivesInLargeChunks()
{
    HttpRig rig;
    QByteArray body(20 * 1024 * 1024, Qt::Uninitialized);
    for (qsizetype i = 0; i < body.size(); ++i)
        body[i] = static_cast<char>(i * 31 + (i >> 9));
    RawClient client(rig.port);

    client.send(rig.head("PUT /sink/a", "Content-Length: " + QByteArray::number(body.size()) + "\r\n", false));
    QVERIFY(client.send(body));

    QCOMPARE(client.read().status, 200);
    QVERIFY(rig.diary.read(&SinkDiary::bytes) == body);
    QCOMPARE(rig.diary.read(&SinkDiary::finished), 1);
    QVERIFY(rig.diary.read(&SinkDiary::chunks) <= body.size() / (64 * 1024));
    QVERIFY(rig.diary.read(&SinkDiary::largestChunk) <= 1024 * 1024);
    QCOMPARE(client.ask(rig.post("next")).body, QByteArray("next"));
}

void HttpBodiesTest::tornStreamLeavesNoFinishedSink()
{
    HttpRig rig;
    const QByteArray head = rig.head("PUT /sink/a", "Content-Length: 1000000\r\n", false);

    RawClient ended(rig.port);
    ended.send(QByteArray(head + QByteArray(500000, 'x')));
    ended.endSending();
    QVERIFY(ended.isClosedWithin(10s));
    RawClient reset(rig.port);
    reset.send(QByteArray(head + QByteArray(500000, 'x')));
    reset.reset();

    QTRY_COMPARE(rig.diary.read(&SinkDiary::destroyed), 2);
    QCOMPARE(rig.diary.read(&SinkDiary::finished), 0);
}

void HttpBodiesTest::fullDiskIsToldInTheMiddleOfABody()
{
    HttpRig rig;
    {
        const std::lock_guard lock(rig.diary.mutex);
        rig.diary.isFull = true;
    }
    RawClient client(rig.port);

    client.send(rig.head("PUT /sink/a", "Content-Length: 4000000\r\n", false));
    QVERIFY(client.send(QByteArray(4000000, 'x')));

    const RawAnswer answer = client.read();
    QCOMPARE(answer.status, 507);
    QCOMPARE(codeOf(answer), u"STORAGE_NO_SPACE"_s);
    QCOMPARE(rig.diary.read(&SinkDiary::finished), 0);
}

void HttpBodiesTest::streamWithoutLengthIsRefused()
{
    HttpRig rig;
    RawClient client(rig.port);

    QCOMPARE(client.ask(QByteArray(rig.head("PUT /sink/a", "Transfer-Encoding: chunked\r\n", false) + "1\r\nx\r\n0\r\n\r\n")).status, 403);
    QCOMPARE(rig.diary.read(&SinkDiary::made), 0);
}

void HttpBodiesTest::silentBodyIsCut()
{
    HttpServer::Options options;
    options.bodyStall = 200ms;
    HttpRig rig(options);

    RawClient stream(rig.port);
    stream.send(QByteArray(rig.head("PUT /sink/a", "Content-Length: 1000\r\n", false) + "begin"));
    RawClient whole(rig.port);
    whole.send(QByteArray(rig.head("POST /echo", "Content-Length: 1000\r\n") + "begin"));

    QVERIFY(stream.isClosedWithin(10s));
    QVERIFY(whole.isClosedWithin(10s));
    QTRY_COMPARE(rig.diary.read(&SinkDiary::destroyed), 1);
    QCOMPARE(rig.diary.read(&SinkDiary::finished), 0);
}

void HttpBodiesTest::tricklingBodyIsCut()
{
    HttpServer::Options options;
    options.bodyStall = 300ms;
    options.minimumBodyRate = 5000;
    HttpRig rig(options);
    RawClient client(rig.port);
    client.send(rig.head("PUT /sink/a", "Content-Length: 1000000\r\n", false));

    bool isCut = false;
    int sent = 0;
    for (; sent < 2000 && !isCut; ++sent)
        isCut = !client.send("x") || client.hasDataWithin(10ms); // 100 bytes a second, never silent for long

    QVERIFY(isCut);
    QCOMPARE(rig.diary.read(&SinkDiary::finished), 0);
}

void HttpBodiesTest::aStrangersBodyIsCutSooner()
{
    QCOMPARE(HttpServer::Options().strangersStall, 10s); // FAULTS F53
    HttpServer::Options options;
    options.strangersStall = 300ms;
    HttpRig rig(options);
    RawClient known(rig.port);
    known.send(QByteArray(rig.head("POST /echo", "Content-Length: 9\r\n") + "begin"));
    RawClient stranger(rig.port);

    stranger.send(QByteArray(rig.head("POST /knock", "Content-Length: 1000\r\n", false) + "begin"));

    QVERIFY(stranger.isClosedWithin(10s));
    const RawAnswer answer = known.ask("/end"); // sent later than that
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.body, "begin/end");
    QCOMPARE(RawClient(rig.port).ask(QByteArray(rig.head("POST /knock", "Content-Length: 2\r\n", false) + "in")).body, "in");
}

QTEST_GUILESS_MAIN(HttpBodiesTest)
#include "tst_httpbodies.moc"
