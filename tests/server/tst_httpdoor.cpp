#include "tests/server/httprig.h"
#include "tests/support/rawclient.h"

#include <QTest>

using namespace photolift;
using namespace photolift::server;
using photolift::test::RawAnswer;
using photolift::test::RawClient;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Who and what comes in, and that a refusal leaves before the body and arrives. Over real sockets.
class HttpDoorTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void doubtfulHeadIsRefusedAndClosed_data();
    void doubtfulHeadIsRefusedAndClosed();
    void strangerIsRefusedBeforeTheBody_data();
    void strangerIsRefusedBeforeTheBody();
    void foreignHostOrOriginIsRefused_data();
    void foreignHostOrOriginIsRefused();
    void unknownPathAndMethod();
    void gzipBodyIsRefusedWhereNotAccepted();
    void tooLargeBodyIsRefusedUnread();
    void tooLargeChunkedBodyIsRefused();
    void refusalReachesAClientThatKeepsSending();
    void continueIsSaidOnlyToWhoMaySend();
};

void HttpDoorTest::doubtfulHeadIsRefusedAndClosed_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray smuggled = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    QTest::newRow("length and chunked") << QByteArray("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled);
    QTest::newRow("two lengths") << QByteArray("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n" + smuggled);
    QTest::newRow("xchunked") << QByteArray("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled);
    QTest::newRow("no host") << QByteArray("GET /healthz HTTP/1.1\r\n\r\n");
    QTest::newRow("two hosts") << QByteArray("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    QTest::newRow("folded") << QByteArray("GET /healthz HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n");
    QTest::newRow("no HTTP") << QByteArray("hello there\r\n\r\n");
    QTest::newRow("dot segments") << QByteArray("GET /../healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    QTest::newRow("HTTP/2 preface") << QByteArray("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

void HttpDoorTest::doubtfulHeadIsRefusedAndClosed()
{
    QFETCH(QByteArray, text);
    HttpRig rig;
    RawClient client(rig.port);
    text.replace("Host: a", QByteArray("Host: 127.0.0.1:" + QByteArray::number(rig.port)));

    QCOMPARE(client.ask(text).status, 400);
    QCOMPARE(client.read().status, 0); // what was smuggled behind it is not answered
    QCOMPARE(rig.calls.load(), 0);
}

void HttpDoorTest::strangerIsRefusedBeforeTheBody_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("field");
    QTest::newRow("no token") << QByteArray("POST /echo") << QByteArray();
    QTest::newRow("wrong token") << QByteArray("POST /echo") << QByteArray("Authorization: Bearer wrong\r\n");
    QTest::newRow("empty token") << QByteArray("POST /echo") << QByteArray("Authorization: Bearer \r\n");
    QTest::newRow("other scheme") << QByteArray("POST /echo") << QByteArray("Authorization: Basic dXNlcjpwYXNz\r\n");
    QTest::newRow("path that is not there") << QByteArray("POST /secret") << QByteArray();
    QTest::newRow("method that is not there") << QByteArray("DELETE /echo") << QByteArray();
}

void HttpDoorTest::strangerIsRefusedBeforeTheBody()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, field);
    HttpRig rig;
    RawClient client(rig.port);

    // The body is announced and never sent: only a server that does not wait for it answers.
    const RawAnswer answer = client.ask(rig.head(line, field + "Content-Length: 1000000\r\n", false));

    QCOMPARE(answer.status, 401);
    QCOMPARE(codeOf(answer), u"API_TOKEN_EXPIRED"_s);
    QCOMPARE(rig.calls.load(), 0);
}

void HttpDoorTest::foreignHostOrOriginIsRefused_data()
{
    QTest::addColumn<QByteArray>("fields"); // PORT stands for ours
    QTest::addColumn<int>("status");
    QTest::newRow("ours by number") << QByteArray("Host: 127.0.0.1:PORT\r\n") << 200;
    QTest::newRow("ours by name") << QByteArray("Host: localhost:PORT\r\n") << 200;
    QTest::newRow("rebound name") << QByteArray("Host: photos.example:PORT\r\n") << 421;
    QTest::newRow("the port of a proxy or a tunnel") << QByteArray("Host: 127.0.0.1:1\r\n") << 200;
    QTest::newRow("no port at all") << QByteArray("Host: 127.0.0.1:0\r\n") << 421;
    QTest::newRow("more than a port") << QByteArray("Host: 127.0.0.1:80@photos.example\r\n") << 421;
    QTest::newRow("a page of another local server")
        << QByteArray("Host: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:1\r\n") << 403;
    QTest::newRow("without port") << QByteArray("Host: 127.0.0.1\r\n") << 421;
    QTest::newRow("page of somebody else") << QByteArray("Host: 127.0.0.1:PORT\r\nOrigin: https://evil.example\r\n") << 403;
    QTest::newRow("opaque page") << QByteArray("Host: 127.0.0.1:PORT\r\nOrigin: null\r\n") << 403;
    QTest::newRow("our own page") << QByteArray("Host: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\n") << 200;
}

void HttpDoorTest::foreignHostOrOriginIsRefused()
{
    QFETCH(QByteArray, fields);
    QFETCH(int, status);
    HttpRig rig;
    RawClient client(rig.port);
    fields.replace("PORT", QByteArray::number(rig.port));

    QCOMPARE(client.ask(QByteArray("GET /healthz HTTP/1.1\r\n" + fields + "\r\n")).status, status);
}

void HttpDoorTest::unknownPathAndMethod()
{
    HttpRig rig;
    RawClient client(rig.port);

    QCOMPARE(client.ask(rig.head("GET /nothing")).status, 404);
    const RawAnswer wrongMethod = client.ask(rig.head("DELETE /echo"));
    QCOMPARE(wrongMethod.status, 405);
    QCOMPARE(wrongMethod.headers.value("allow"), QByteArray("POST"));
    QCOMPARE(client.ask(rig.head("GET /healthz")).status, 200); // the connection was kept
}

void HttpDoorTest::gzipBodyIsRefusedWhereNotAccepted()
{
    HttpRig rig;
    RawClient client(rig.port);

    QCOMPARE(client.ask(rig.head("GET /wait", "Content-Encoding: gzip\r\n")).status, 415);
    RawClient damaged(rig.port);
    QCOMPARE(damaged.ask(QByteArray(rig.head("POST /echo", "Content-Encoding: gzip\r\nContent-Length: 4\r\n") + "nope")).status, 400);
}

void HttpDoorTest::tooLargeBodyIsRefusedUnread()
{
    HttpRig rig;
    RawClient client(rig.port);

    QCOMPARE(client.ask(rig.head("POST /echo", "Content-Length: 1048577\r\n")).status, 413);
    RawClient other(rig.port);
    QCOMPARE(other.ask(rig.post(QByteArray(1024 * 1024, 'x'))).body.size(), 1024 * 1024);
}

void HttpDoorTest::tooLargeChunkedBodyIsRefused()
{
    HttpRig rig;
    RawClient client(rig.port);
    QByteArray chunks;
    for (int i = 0; i < 17; ++i)
        chunks += "10000\r\n" + QByteArray(0x10000, 'x') + "\r\n";

    client.send(QByteArray(rig.head("POST /echo", "Transfer-Encoding: chunked\r\n") + chunks + "0\r\n\r\n"));

    QCOMPARE(client.read().status, 413);
    QCOMPARE(rig.calls.load(), 0);
}

void HttpDoorTest::refusalReachesAClientThatKeepsSending()
{
    HttpRig rig;
    const QByteArray piece(1024 * 1024, 'x');

    for (int i = 0; i < 5; ++i) {
        RawClient client(rig.port);
        client.send(rig.head("PUT /sink/a?refuse", "Content-Length: 16777216\r\n", false));
        for (int sent = 0; sent < 16; ++sent)
            QVERIFY(client.send(piece)); // a reset would fail here or lose the answer below
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, 403);
        QCOMPARE(answer.headers.value("connection"), QByteArray("close"));
    }
    QCOMPARE(rig.diary.read(&SinkDiary::made), 0);
}

void HttpDoorTest::continueIsSaidOnlyToWhoMaySend()
{
    HttpRig rig;
    const QByteArray expecting = "Content-Length: 5\r\nExpect: 100-continue\r\n";

    RawClient welcome(rig.port);
    QCOMPARE(welcome.ask(rig.head("PUT /sink/a", expecting, false)).status, 100);
    QCOMPARE(welcome.ask("12345").status, 200);
    QCOMPARE(rig.diary.read(&SinkDiary::bytes), QByteArray("12345"));

    RawClient refused(rig.port);
    QCOMPARE(refused.ask(rig.head("PUT /sink/a?refuse", expecting, false)).status, 403);
    RawClient stranger(rig.port);
    QCOMPARE(stranger.ask(rig.head("POST /echo", expecting, false)).status, 401);
    RawClient large(rig.port);
    QCOMPARE(large.ask(rig.head("POST /echo", "Content-Length: 9999999\r\nExpect: 100-continue\r\n")).status, 413);
    RawClient odd(rig.port);
    QCOMPARE(odd.ask(rig.head("POST /echo", "Content-Length: 5\r\nExpect: something\r\n")).status, 417);
}

QTEST_GUILESS_MAIN(HttpDoorTest)
#include "tst_httpdoor.moc"
