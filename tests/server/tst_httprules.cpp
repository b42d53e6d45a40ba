#include "app/server/http/accesslog.h"
#include "app/server/http/bodypace.h"
#include "app/server/http/headrules.h"
#include "app/server/http/inflate.h"
#include "app/server/http/pledge.h"
#include "app/server/http/responsehead.h"
#include "app/server/http/router.h"
#include "models/transfer/gzip.h"

#include <QTest>

using namespace photolift;
using namespace photolift::server;
using namespace Qt::StringLiterals;

/// The pure pieces below the server: what is decided without a socket.
class HttpRulesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void headIsJudged_data();
    void headIsJudged();
    void pathIsDecodedOnce_data();
    void pathIsDecodedOnce();
    void routeIsFoundByMethodAndSegments();
    void gzipIsInflatedWithinLimits();
    void slowBodyRunsOutOfTime();
    void honestSlowBodyNeverDoes();
    void answerCarriesOurFieldsAndNoInjectedOnes();
    void logNamesNoObjectByItsHash();
    void droppedResponderAnswersOnce();
};

void HttpRulesTest::headIsJudged_data()
{
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<bool>("isAccepted");
    QTest::newRow("plain -> accepted") << QByteArray("Host: a\r\nContent-Length: 3\r\n") << true;
    QTest::newRow("chunked -> accepted") << QByteArray("Host: a\r\nTransfer-Encoding: chunked\r\n") << true;
    QTest::newRow("length and encoding -> refused") << QByteArray("Host: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n") << false;
    QTest::newRow("two equal lengths -> refused") << QByteArray("Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n") << false;
    QTest::newRow("list of lengths -> refused") << QByteArray("Host: a\r\nContent-Length: 3, 3\r\n") << false;
    QTest::newRow("signed length -> refused") << QByteArray("Host: a\r\nContent-Length: +3\r\n") << false;
    QTest::newRow("negative length -> refused") << QByteArray("Host: a\r\nContent-Length: -3\r\n") << false;
    QTest::newRow("endless length -> refused") << QByteArray("Host: a\r\nContent-Length: 99999999999999999999\r\n") << false;
    QTest::newRow("xchunked -> refused") << QByteArray("Host: a\r\nTransfer-Encoding: xchunked\r\n") << false;
    QTest::newRow("gzip, chunked -> refused") << QByteArray("Host: a\r\nTransfer-Encoding: gzip, chunked\r\n") << false;
    QTest::newRow("chunked twice -> refused") << QByteArray("Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") << false;
    QTest::newRow("no host -> refused") << QByteArray("Accept: */*\r\n") << false;
    QTest::newRow("two hosts -> refused") << QByteArray("Host: a\r\nHost: b\r\n") << false;
    QTest::newRow("empty host -> refused") << QByteArray("Host:\r\n") << false;
    QTest::newRow("folded line -> refused") << QByteArray("Host: a\r\nX-One: 1\r\n\t2\r\n") << false;
    QTest::newRow("folded first line -> refused") << QByteArray(" Host: a\r\nHost: a\r\n") << false;
    QTest::newRow("space before the colon -> refused") << QByteArray("Host: a\r\nContent-Length : 3\r\n") << false;
    QTest::newRow("bare line feed -> refused") << QByteArray("Host: a\nX: b\r\n") << false;
    QTest::newRow("zero byte -> refused") << QByteArray("Host: a\r\nX: b\0c\r\n", 18) << false;
    QTest::newRow("no colon -> refused") << QByteArray("Host: a\r\nnonsense\r\n") << false;
    QTest::newRow("repeated field of any name -> refused") << QByteArray("Host: a\r\nX-Amz-Acl: private\r\nx-amz-acl: public-read\r\n") << false;
}

void HttpRulesTest::headIsJudged()
{
    QFETCH(QByteArray, fields);
    QFETCH(bool, isAccepted);

    const auto fault = faultInHead(QByteArray("PUT /x HTTP/1.1\r\n" + fields + "\r\n"));

    QVERIFY2(fault.has_value() != isAccepted, fault.value_or("accepted").constData());
}

void HttpRulesTest::pathIsDecodedOnce_data()
{
    QTest::addColumn<QByteArray>("raw");
    QTest::addColumn<QByteArray>("expected"); // null: refused
    QTest::newRow("plain") << QByteArray("/v1/info") << QByteArray("/v1/info");
    QTest::newRow("encoded letter") << QByteArray("/v1/%69nfo") << QByteArray("/v1/info");
    QTest::newRow("decoded once only") << QByteArray("/%2569") << QByteArray("/%69");
    QTest::newRow("last byte encoded") << QByteArray("/%41") << QByteArray("/A");
    QTest::newRow("cut encoding -> refused") << QByteArray("/a%4") << QByteArray();
    QTest::newRow("not hex -> refused") << QByteArray("/a%zz") << QByteArray();
    QTest::newRow("dot segments -> refused") << QByteArray("/a/../b") << QByteArray();
    QTest::newRow("encoded dot segments -> refused") << QByteArray("/a/%2e%2e/b") << QByteArray();
    QTest::newRow("encoded slash -> refused") << QByteArray("/a%2fb") << QByteArray();
    QTest::newRow("encoded zero -> refused") << QByteArray("/a%00b") << QByteArray();
    QTest::newRow("absolute form -> refused") << QByteArray("http://a/b") << QByteArray();
    QTest::newRow("asterisk -> refused") << QByteArray("*") << QByteArray();
}

void HttpRulesTest::pathIsDecodedOnce()
{
    QFETCH(QByteArray, raw);
    QFETCH(QByteArray, expected);

    const auto path = decodedPath(raw);

    QCOMPARE(path.value_or(QByteArray()), expected);
    QCOMPARE(path.has_value(), !expected.isNull());
}

void HttpRulesTest::routeIsFoundByMethodAndSegments()
{
    const Route one(RouteName::Commit);
    const Router router({one});

    const auto hit = router.find("POST", "/v1/uploads/abc/commit");
    QVERIFY(hit.route != nullptr);
    QCOMPARE(hit.captures.value("id"), QByteArray("abc"));
    const auto otherMethod = router.find("GET", "/v1/uploads/abc/commit");
    QVERIFY(otherMethod.route == nullptr);
    QCOMPARE(otherMethod.allowedMethods, QList<QByteArray>{"POST"});
    QVERIFY(router.find("POST", "/v1/uploads//commit").route == nullptr);
    QVERIFY(router.find("POST", "/v1/uploads/abc/commit/").route == nullptr);
}

void HttpRulesTest::gzipIsInflatedWithinLimits()
{
    QByteArray text;
    for (int i = 0; i < 5000; ++i)
        text += "{\"number\":" + QByteArray::number(i * 7919) + "}\n";

    const auto same = inflated(transfer::gzipped(text), 1024 * 1024);
    QVERIFY(same);
    QCOMPARE(same.bytes, text);
    QCOMPARE(inflated(transfer::gzipped(text), text.size() - 1).end, Inflated::End::TooLarge);
    QVERIFY(inflated(transfer::gzipped(text), text.size()));
    const QByteArray bomb = transfer::gzipped(QByteArray(900 * 1024, '0'));
    QVERIFY(bomb.size() < 2048);
    QCOMPARE(inflated(bomb, 1024 * 1024).end, Inflated::End::TooLarge); // within the limit of the route, yet 900 times its size
    const QByteArray packed = transfer::gzipped(text);
    const Inflated cut = inflated(packed.chopped(20), 1024 * 1024);
    QCOMPARE(cut.end, Inflated::End::Damaged);
    QVERIFY(cut.bytes.size() > text.size() / 2 && text.startsWith(cut.bytes)); // what it still says
    QCOMPARE(inflated(packed.chopped(3), 1024 * 1024).end, Inflated::End::Damaged);
    QCOMPARE(inflated(QByteArray(packed + "more"), 1024 * 1024).end, Inflated::End::Damaged);
    QCOMPARE(inflated("no gzip at all", 1024 * 1024).end, Inflated::End::Damaged);
    QCOMPARE(inflated({}, 1024 * 1024).end, Inflated::End::Damaged);
}

void HttpRulesTest::slowBodyRunsOutOfTime()
{
    using namespace std::chrono_literals;
    BodyPace pace(60s, 500);

    int seconds = 0;
    for (; pace.left() > 0ns && seconds < 1000; ++seconds)
        pace.received(10, 1s);

    QVERIFY2(seconds > 55 && seconds < 70, QByteArray::number(seconds).constData());
}

void HttpRulesTest::honestSlowBodyNeverDoes()
{
    using namespace std::chrono_literals;
    BodyPace pace(60s, 500);

    for (int second = 0; second < 3600; ++second)
        pace.received(501, 1s);
    QVERIFY(pace.left() > 59s);
    pace.received(0, 50s); // a hole in the network
    QVERIFY(pace.left() > 9s);
    pace.received(100 * 1024 * 1024, 1s); // speed before is no credit beyond the allowance
    QCOMPARE(pace.left(), BodyPace::Duration(60s));
}

void HttpRulesTest::answerCarriesOurFieldsAndNoInjectedOnes()
{
    HttpResponse response;
    response.body = "{}";
    response.headers.emplaceBack("X-Name", "a\r\nSet-Cookie: b");

    const QByteArray head = responseHead(response, u"request-1"_s, false, 1'700'000'000);

    QVERIFY(head.startsWith("HTTP/1.1 200 OK\r\n"));
    QVERIFY(head.contains("\r\nPhotolift-Api: 1\r\n"));
    QVERIFY(head.contains("\r\nPhotolift-Request-Id: request-1\r\n"));
    QVERIFY(head.contains("\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"));
    QVERIFY(head.contains("\r\nX-Content-Type-Options: nosniff\r\n"));
    QVERIFY(head.contains("\r\nCache-Control: no-store\r\n"));
    QVERIFY(head.contains("\r\nContent-Length: 2\r\n"));
    QVERIFY(head.contains("\r\nConnection: close\r\n"));
    QVERIFY(!head.contains("Set-Cookie"));
    QVERIFY(head.endsWith("\r\n\r\n"));
}

void HttpRulesTest::logNamesNoObjectByItsHash()
{
    const Route route(RouteName::GetObject);
    const QByteArray object(64, 'a');
    HttpRequest request;
    request.method = route.method;
    request.path = QByteArray(route.pattern).replace("{object}", object);
    const Router router({route});
    const Router::Match match = router.find(request.method, request.path);
    QCOMPARE(match.route->pattern, route.pattern);
    request.captures = match.captures;

    static QStringList logged;
    const QtMessageHandler before = qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &text) { logged.append(text); });
    logRequest(request, match.route, 200, 1, std::chrono::milliseconds(1));
    qInstallMessageHandler(before);

    QCOMPARE(logged.size(), 1);
    QVERIFY2(logged.first().contains(QLatin1StringView(route.pattern)), qPrintable(logged.first()));
    QVERIFY(!logged.first().contains(QLatin1StringView(object)));
}

void HttpRulesTest::droppedResponderAnswersOnce()
{
    int woken = 0;
    const auto slot = std::make_shared<AnswerSlot>([&woken] { ++woken; });
    HttpResponse unanswered;
    unanswered.status = 500;
    {
        const Responder responder = responderFor(slot, unanswered);
        const Responder copy = responder;
    }
    QCOMPARE(woken, 1);
    QCOMPARE(slot->close()->status, 500);

    const auto closed = std::make_shared<AnswerSlot>([&woken] { ++woken; });
    const Responder late = responderFor(closed, unanswered);
    closed->close();
    late({});
    QCOMPARE(woken, 1);
}

QTEST_APPLESS_MAIN(HttpRulesTest)
#include "tst_httprules.moc"
