#include "app/server/http/calllimit.h"
#include "app/server/http/crowd.h"
#include "app/server/http/trustedproxies.h"
#include "tests/server/httprig.h"

#include <QElapsedTimer>
#include <QTest>

using namespace photolift;
using namespace photolift::server;
using photolift::test::RawAnswer;
using photolift::test::RawClient;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// How often and how many at once: by token, by address, behind proxies.
class HttpLimitsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bucketEmptiesAndFillsEvenly();
    void waitIsRoundedUp_data();
    void waitIsRoundedUp();
    void keysDoNotShare();
    void processThatHasJustBegunGivesLittle();
    void memoryIsBoundedAndStrangersShare();
    void whatIsGivenBackCanBeTaken();
    void rightCallsAtOnceCountForNothing();
    void officeSharesAnAddressNotALimit();
    void sixthVersionCountsByNetwork();
    void proxyListIsRead_data();
    void proxyListIsRead();
    void clientBehindProxiesIsFound_data();
    void clientBehindProxiesIsFound();

    void tooManyCallsAreToldBeforeTheirBody();
    void strangersForwardedFieldsAreIgnored();
    void trustedProxyNamesTheClient();
    void connectionsOfOneAddressAreLimited();
    void connectionsOfOneTokenAreLimited();
    void badProxyListIsRefusedAtTheStart();
};

namespace {
using Clock = RateLimit::Clock;
const Clock::time_point Begin = Clock::time_point() + 1000h;

int takenAtOnce(RateLimit &limit, const QByteArray &key, Clock::time_point now)
{
    int taken = 0;
    while (!limit.take(key, now))
        ++taken;
    return taken;
}
}

void HttpLimitsTest::bucketEmptiesAndFillsEvenly()
{
    RateLimit limit({.perMinute = 60}, Begin);

    QCOMPARE(takenAtOnce(limit, "a", Begin), 60);
    QCOMPARE(takenAtOnce(limit, "a", Begin + 500ms), 0);
    QCOMPARE(takenAtOnce(limit, "a", Begin + 10s), 10);
    QCOMPARE(takenAtOnce(limit, "a", Begin + 59s), 49);
    QCOMPARE(takenAtOnce(limit, "a", Begin + 24h), 60); // never more than a minute's
}

void HttpLimitsTest::waitIsRoundedUp_data()
{
    QTest::addColumn<int>("perMinute");
    QTest::addColumn<int>("afterMs");
    QTest::addColumn<int>("seconds");
    QTest::newRow("100 a second, at once -> 1 s") << 6000 << 0 << 1;
    QTest::newRow("one a second -> 1 s") << 60 << 0 << 1;
    QTest::newRow("one in 12 s -> 12 s") << 5 << 0 << 12;
    QTest::newRow("one in 12 s, 0.5 s later -> still 12 s") << 5 << 500 << 12;
    QTest::newRow("one in 12 s, 11.9 s later -> 1 s") << 5 << 11900 << 1;
}

void HttpLimitsTest::waitIsRoundedUp()
{
    QFETCH(int, perMinute);
    QFETCH(int, afterMs);
    QFETCH(int, seconds);
    RateLimit limit({.perMinute = perMinute}, Begin);
    takenAtOnce(limit, "a", Begin);

    const Clock::time_point asked = Begin + std::chrono::milliseconds(afterMs);
    if (perMinute * afterMs < 60000)
        QCOMPARE(limit.take("a", asked), std::optional(seconds));
    QVERIFY(!limit.take("a", asked + std::chrono::seconds(seconds))); // who waits as told gets in
}

void HttpLimitsTest::keysDoNotShare()
{
    RateLimit limit({.perMinute = 5}, Begin);

    QCOMPARE(takenAtOnce(limit, "a", Begin), 5);
    QCOMPARE(takenAtOnce(limit, "b", Begin), 5);
}

void HttpLimitsTest::processThatHasJustBegunGivesLittle()
{
    RateLimit limit({.perMinute = 60, .shareAtBegin = 0.1}, Begin);

    QCOMPARE(takenAtOnce(limit, "at once", Begin), 6);
    QCOMPARE(takenAtOnce(limit, "after half a minute", Begin + 30s), 36);
    QCOMPARE(takenAtOnce(limit, "after a minute", Begin + 60s), 60);
    // Ten restarts, one after the other: as a minute's, not ten.
    int taken = 0;
    for (int i = 0; i < 10; ++i) {
        RateLimit again({.perMinute = 60, .shareAtBegin = 0.1}, Begin);
        taken += takenAtOnce(again, "a", Begin);
    }
    QCOMPARE(taken, 60);
}

void HttpLimitsTest::memoryIsBoundedAndStrangersShare()
{
    RateLimit limit({.perMinute = 60, .maxKeys = 1000}, Begin);
    int served = 0;
    for (int i = 0; i < 5000; ++i)
        served += limit.take(QByteArray::number(i), Begin) ? 0 : 1;

    QCOMPARE(limit.rememberedKeys(), 1000);
    QCOMPARE(served, 1000 + 60); // those it remembers, and one bucket for all others
    QVERIFY(!limit.take("0", Begin)); // who was known before goes on
    QVERIFY(!limit.take("new", Begin + 3min)); // and all is forgotten when it does not matter any more
    QCOMPARE(limit.rememberedKeys(), 1);
}

void HttpLimitsTest::whatIsGivenBackCanBeTaken()
{
    RateLimit limit({.perMinute = 2}, Begin);
    takenAtOnce(limit, "a", Begin);
    limit.giveBack("a");

    QCOMPARE(takenAtOnce(limit, "a", Begin), 1);
    limit.giveBack("never seen");
    QCOMPARE(takenAtOnce(limit, "never seen", Begin), 2);
}

void HttpLimitsTest::rightCallsAtOnceCountForNothing()
{
    CallLimit limit({.perAddressAndMinute = 20, .shareAtBegin = 0.1, .isCountedLater = true});
    HttpRequest request;
    request.peer = "192.0.2.1";

    for (int call = 0; call < 500; ++call)
        QVERIFY(!limit.refusal(request)); // all under way, none of them told to be wrong
    limit.count(request);
    QVERIFY(!limit.refusal(request));
    limit.count(request);
    const std::optional<HttpResponse> refusal = limit.refusal(request);
    QVERIFY(refusal);
    QCOMPARE(refusal->status, 429);
    request.peer = "192.0.2.2";
    QVERIFY(!limit.refusal(request));
}

void HttpLimitsTest::officeSharesAnAddressNotALimit()
{
    QElapsedTimer timer;
    timer.start();
    CallLimit limit({.perTokenAndMinute = 5});
    HttpRequest request;
    request.peer = "192.0.2.1";
    int served = 0;
    for (int person = 0; person < 50; ++person) {
        request.caller.userId = QString::number(person);
        for (int call = 0; call < 20; ++call)
            served += limit.refusal(request) ? 0 : 1;
    }
    QCOMPARE(served, 50 * 5); // what the greedy were refused cost the others nothing

    for (int token = 100; token < 1000; ++token) {
        request.caller.userId = QString::number(token);
        served += limit.refusal(request) ? 0 : 1;
    }
    // Meanwhile the address has got back what belongs to the time, of 60 s for all.
    const qint64 all = 5 * CallLimit::TokensPerAddress;
    QVERIFY2(served >= all && served <= all + 1 + all * timer.elapsed() / 60'000, qPrintable(QString::number(served)));
    request.peer = "192.0.2.2";
    QVERIFY(!limit.refusal(request));
}

void HttpLimitsTest::sixthVersionCountsByNetwork()
{
    QCOMPARE(addressKey("2001:db8:1:2::1"), addressKey("2001:db8:1:2:ffff::9"));
    QVERIFY(addressKey("2001:db8:1:2::1") != addressKey("2001:db8:1:3::1"));
    QVERIFY(addressKey("::ffff:192.0.2.1") != addressKey("::ffff:192.0.2.2"));
    QCOMPARE(addressKey("192.0.2.1"), QByteArray("192.0.2.1"));
}

void HttpLimitsTest::proxyListIsRead_data()
{
    QTest::addColumn<QByteArray>("entry");
    QTest::addColumn<QByteArray>("inside");  // empty: the entry is refused
    QTest::addColumn<QByteArray>("outside");
    QTest::newRow("address") << QByteArray("192.0.2.7") << QByteArray("192.0.2.7") << QByteArray("192.0.2.6");
    QTest::newRow("network") << QByteArray("10.0.0.0/8") << QByteArray("10.255.0.1") << QByteArray("11.0.0.1");
    QTest::newRow("odd bits") << QByteArray("192.0.2.128/25") << QByteArray("192.0.2.200") << QByteArray("192.0.2.127");
    QTest::newRow("all of IPv4") << QByteArray("0.0.0.0/0") << QByteArray("203.0.113.9") << QByteArray("2001:db8::1");
    QTest::newRow("IPv6 network") << QByteArray("fd00::/8") << QByteArray("fdff::1") << QByteArray("fe00::1");
    QTest::newRow("IPv4 as a dual socket says it") << QByteArray("192.0.2.7") << QByteArray("::ffff:192.0.2.7") << QByteArray("::ffff:192.0.2.8");
    for (const char *bad : {"", "proxy.example", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "fd00::/129", "10.0.0/8"})
        QTest::newRow(QByteArray("refused: " + QByteArray(bad)).constData()) << QByteArray(bad) << QByteArray() << QByteArray();
}

void HttpLimitsTest::proxyListIsRead()
{
    QFETCH(QByteArray, entry);
    QFETCH(QByteArray, inside);
    QFETCH(QByteArray, outside);

    const Result<TrustedProxies> proxies = TrustedProxies::parse({entry});

    QCOMPARE(bool(proxies), !inside.isEmpty());
    if (proxies) {
        QVERIFY(proxies->contains(inside));
        QVERIFY(!proxies->contains(outside));
    }
}

void HttpLimitsTest::clientBehindProxiesIsFound_data()
{
    QTest::addColumn<QByteArray>("peer");
    QTest::addColumn<QByteArray>("forwardedFor");
    QTest::addColumn<QByteArray>("client");
    const QByteArray stranger = "203.0.113.5";
    QTest::newRow("stranger claims") << stranger << QByteArray("198.51.100.1") << stranger;
    QTest::newRow("proxy names") << QByteArray("10.0.0.1") << QByteArray("198.51.100.1") << QByteArray("198.51.100.1");
    QTest::newRow("client invents, proxy adds") << QByteArray("10.0.0.1") << QByteArray("1.2.3.4, 198.51.100.1") << QByteArray("198.51.100.1");
    QTest::newRow("two proxies") << QByteArray("10.0.0.1") << QByteArray("1.2.3.4,198.51.100.1 , 10.0.0.2") << QByteArray("198.51.100.1");
    QTest::newRow("all are proxies") << QByteArray("10.0.0.1") << QByteArray("10.0.0.3, 10.0.0.2") << QByteArray("10.0.0.3");
    QTest::newRow("proxy says nothing") << QByteArray("10.0.0.1") << QByteArray() << QByteArray("10.0.0.1");
    QTest::newRow("nonsense") << QByteArray("10.0.0.1") << QByteArray("198.51.100.1, unknown") << QByteArray("10.0.0.1");
    QTest::newRow("with a port") << QByteArray("10.0.0.1") << QByteArray("198.51.100.1:8080") << QByteArray("10.0.0.1");
    QTest::newRow("IPv6") << QByteArray("10.0.0.1") << QByteArray("2001:db8::5") << QByteArray("2001:db8::5");
}

void HttpLimitsTest::clientBehindProxiesIsFound()
{
    QFETCH(QByteArray, peer);
    QFETCH(QByteArray, forwardedFor);
    QFETCH(QByteArray, client);
    const Result<TrustedProxies> proxies = TrustedProxies::parse({"10.0.0.0/24"});
    QVERIFY(proxies);

    QCOMPARE(proxies->clientOf(peer, forwardedFor), client);
}

void HttpLimitsTest::tooManyCallsAreToldBeforeTheirBody()
{
    HttpRig rig({}, 3);
    RawClient client(rig.port);
    QElapsedTimer sinceFirst;
    sinceFirst.start();
    for (int i = 0; i < 3; ++i)
        QCOMPARE(client.ask(rig.post("x")).status, 200);

    // The head alone: the answer does not wait for a body.
    const RawAnswer refused = RawClient(rig.port).ask(rig.head("POST /echo", "Content-Length: 1000\r\n"));

    QCOMPARE(refused.status, 429);
    QCOMPARE(codeOf(refused), u"API_RATE_LIMITED"_s);
    const int told = refused.headers.value("retry-after").toInt();
    QVERIFY2(told <= 20 && told >= 20 - sinceFirst.elapsed() / 1000, qPrintable(QString::number(told))); // three in a minute
    QCOMPARE(rig.calls.load(), 3);
    const QByteArray other = rig.head("POST /echo", "Authorization: Bearer other\r\nContent-Length: 1\r\n", false) + "x";
    QCOMPARE(client.ask(other).status, 200);
}

void HttpLimitsTest::strangersForwardedFieldsAreIgnored()
{
    HttpServer::Options options;
    options.trustedProxies = {"192.0.2.1"};
    HttpRig rig(options);

    const RawAnswer answer = RawClient(rig.port).ask(rig.head("GET /healthz", "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\n"));

    QCOMPARE(answer.status, 200);
    QCOMPARE(rig.peer, QByteArray("127.0.0.1"));
    QVERIFY(rig.origin.startsWith("http://"));
}

void HttpLimitsTest::trustedProxyNamesTheClient()
{
    HttpServer::Options options;
    options.trustedProxies = {"127.0.0.0/8"};
    options.maxConnectionsPerAddress = 1; // of clients, not of the proxy that carries them
    HttpRig rig(options);
    RawClient first(rig.port);
    RawClient second(rig.port);
    QCOMPARE(first.ask(rig.head("GET /healthz")).status, 200);

    const RawAnswer answer = second.ask(rig.head("GET /healthz", "X-Forwarded-For: 1.2.3.4, 198.51.100.1\r\nX-Forwarded-Proto: https\r\n"));

    QCOMPARE(answer.status, 200);
    QCOMPARE(rig.peer, QByteArray("198.51.100.1"));
    QVERIFY(rig.origin.startsWith("https://"));
    QCOMPARE(second.ask(rig.head("GET /healthz", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n")).status, 400);
}

void HttpLimitsTest::connectionsOfOneAddressAreLimited()
{
    HttpServer::Options options;
    options.maxConnectionsPerAddress = 3;
    HttpRig rig(options);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<RawClient>(rig.port));
        QCOMPARE(clients.back()->ask(rig.post("x")).status, 200);
    }

    QCOMPARE(RawClient(rig.port).ask(rig.post("x")).status, 503);
    clients.pop_back();
    bool isServed = false;
    QTRY_VERIFY(isServed || (isServed = RawClient(rig.port).ask(rig.post("x")).status == 200));
}

void HttpLimitsTest::connectionsOfOneTokenAreLimited()
{
    HttpServer::Options options;
    options.maxConnectionsPerToken = 2;
    HttpRig rig(options);
    RawClient first(rig.port);
    auto second = std::make_unique<RawClient>(rig.port);
    RawClient third(rig.port);
    for (int i = 0; i < 3; ++i) {
        QCOMPARE(first.ask(rig.post("x")).status, 200);
        QCOMPARE(second->ask(rig.post("x")).status, 200);
    }

    const RawAnswer refused = third.ask(rig.post("x"));

    QCOMPARE(refused.status, 429);
    QCOMPARE(refused.headers.value("retry-after"), QByteArray("1"));
    // The connection of a proxy carries another one next: the place goes with the token.
    const QByteArray other = rig.head("POST /echo", "Authorization: Bearer other\r\nContent-Length: 1\r\n", false) + "x";
    QCOMPARE(second->ask(other).status, 200);
    QCOMPARE(RawClient(rig.port).ask(rig.post("x")).status, 200);
}

void HttpLimitsTest::badProxyListIsRefusedAtTheStart()
{
    HttpServer::Options options;
    options.trustedProxies = {"proxy.example"};
    HttpServer server(options, {}, [](QByteArrayView) { return std::nullopt; });

    QVERIFY(!server.start());
}

QTEST_GUILESS_MAIN(HttpLimitsTest)
#include "tst_httplimits.moc"
