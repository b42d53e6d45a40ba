#include "tests/server/httprig.h"
#include "tests/support/rawclient.h"

#include <QScopeGuard>
#include <QTest>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

using namespace photolift;
using namespace photolift::server;
using photolift::test::RawAnswer;
using photolift::test::RawClient;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {
double cpuSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}
}

/// Connections and answers: kept, late, never, too many, and the end of the server. Over real sockets.
class HttpServerTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keptConnectionServesManyRequests();
    void pipelinedRequestsAreAnsweredInOrder();
    void handlerAnswersLaterFromAnotherThread();
    void brokenHandlerIsAServerError();
    void headersHaveAnAbsoluteDeadline();
    void slowHeadersDoNotHinderOthers();
    void tooManyConnectionsAreTold();
    void strangersMakeRoomForNewcomers_data();
    void strangersMakeRoomForNewcomers();
    void whoDoesNotTakeTheAnswerIsCut();
    void acceptingPausesWithoutDescriptors();
    void stopWakesIdleAndWaitsForAnswers();
    void stopEndsWhatNeverAnswers();
};

void HttpServerTest::keptConnectionServesManyRequests()
{
    HttpRig rig;
    RawClient client(rig.port);

    for (int i = 0; i < 50; ++i) {
        const RawAnswer answer = client.ask(rig.post("number " + QByteArray::number(i)));
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.body, QByteArray("number " + QByteArray::number(i)));
        QCOMPARE(answer.headers.value("photolift-api"), QByteArray("1"));
        QVERIFY(!answer.headers.value("photolift-request-id").isEmpty());
    }
}

void HttpServerTest::pipelinedRequestsAreAnsweredInOrder()
{
    HttpRig rig;
    RawClient client(rig.port);

    client.send(QByteArray(rig.post("one") + rig.post("two") + rig.head("GET /healthz") + rig.post("three")));

    QCOMPARE(client.read().body, QByteArray("one"));
    QCOMPARE(client.read().body, QByteArray("two"));
    QCOMPARE(client.read().status, 200);
    QCOMPARE(client.read().body, QByteArray("three"));
}

void HttpServerTest::handlerAnswersLaterFromAnotherThread()
{
    HttpServer::Options options;
    options.maxConnectionsPerToken = 300;
    HttpRig rig(options);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<RawClient>(rig.port));
        clients.back()->send(rig.head("GET /wait"));
    }
    QTRY_COMPARE(rig.waitingCount(), 200);
    RawClient other(rig.port);
    QCOMPARE(other.ask(rig.post("not held up")).status, 200);
    QVERIFY(!clients.front()->hasDataWithin(0ms));

    std::thread elsewhere([&rig] {
        while (rig.waitingCount() > 0) {
            const Responder answer = rig.takeWaiting();
            answer(jsonResponse(200, {{u"changed"_s, true}}));
            answer(jsonResponse(500, {})); // a second answer is ignored
        }
    });
    elsewhere.join();

    for (const auto &client : clients) {
        QCOMPARE(client->read().body, QByteArray("{\"changed\":true}"));
        QCOMPARE(client->ask(rig.post("next")).status, 200);
    }
}

void HttpServerTest::brokenHandlerIsAServerError()
{
    HttpRig rig;
    RawClient client(rig.port);

    for (const char *path : {"/drop", "/fail"}) {
        const RawAnswer answer = client.ask(rig.head(QByteArray("GET ") + path));
        QCOMPARE(answer.status, 500);
        QCOMPARE(codeOf(answer), u"API_SERVER_ERROR"_s);
        QVERIFY(!answer.body.contains("broke")); // details are for the log
    }
    QCOMPARE(client.ask(rig.post("alive")).status, 200);
}

void HttpServerTest::headersHaveAnAbsoluteDeadline()
{
    HttpServer::Options options;
    options.headerDeadline = 300ms;
    HttpRig rig(options);
    const auto begin = std::chrono::steady_clock::now();

    // One byte every few milliseconds: a deadline that starts anew with each byte would never come.
    RawClient client(rig.port);
    const QByteArray head = rig.head("GET /healthz", "X-Long: " + QByteArray(4000, 'x') + "\r\n");
    bool isCut = false;
    for (qsizetype i = 0; i < head.size() && !isCut; ++i)
        isCut = !client.send(QByteArrayView(head).sliced(i, 1)) || client.hasDataWithin(5ms);

    QVERIFY(isCut);
    QVERIFY(std::chrono::steady_clock::now() - begin < 5s);
    QCOMPARE(rig.calls.load(), 0);
}

void HttpServerTest::slowHeadersDoNotHinderOthers()
{
    HttpServer::Options options;
    options.headerDeadline = 1500ms;
    HttpRig rig(options);
    std::vector<std::unique_ptr<RawClient>> attackers;
    for (int i = 0; i < 300; ++i) {
        attackers.push_back(std::make_unique<RawClient>(rig.port));
        attackers.back()->send("GET / HT");
    }

    for (int i = 0; i < 24; ++i) {
        RawClient honest(rig.port);
        QCOMPARE(honest.ask(rig.post("fair")).status, 200);
    }
    for (const auto &attacker : attackers)
        QVERIFY(attacker->isClosedWithin(10s));
}

void HttpServerTest::tooManyConnectionsAreTold()
{
    HttpServer::Options options;
    options.maxConnections = 4;
    HttpRig rig(options);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 4; ++i) {
        clients.push_back(std::make_unique<RawClient>(rig.port));
        QCOMPARE(clients.back()->ask(rig.post("x")).status, 200);
    }

    const RawAnswer answer = RawClient(rig.port).ask(rig.post("x"));

    QCOMPARE(answer.status, 503);
    QCOMPARE(answer.headers.value("retry-after"), QByteArray("1"));
    clients.pop_back();
    bool isServed = false;
    QTRY_VERIFY(isServed || (isServed = RawClient(rig.port).ask(rig.post("x")).status == 200));
}

void HttpServerTest::strangersMakeRoomForNewcomers_data()
{
    QTest::addColumn<int>("ofAll");
    QTest::addColumn<int>("ofAnAddress");
    QTest::newRow("the server is full") << 4 << 100;
    QTest::newRow("the address is full") << 100 << 4;
}

/// FAULTS F53: sockets that say nothing cost the attacker nothing, and shut nobody out.
void HttpServerTest::strangersMakeRoomForNewcomers()
{
    QFETCH(const int, ofAll);
    QFETCH(const int, ofAnAddress);
    HttpServer::Options options;
    options.maxConnections = ofAll;
    options.maxConnectionsPerAddress = ofAnAddress;
    HttpRig rig(options);
    RawClient oldest(rig.port);
    QCOMPARE(oldest.ask(rig.post("x")).status, 200);
    RawClient silent(rig.port);
    RawClient open(rig.port);
    QCOMPARE(open.ask(rig.head("GET /healthz", {}, false)).status, 200); // nobody has to be anybody for this
    RawClient half(rig.port);
    half.send("POST /ec");

    std::vector<std::unique_ptr<RawClient>> honest;
    for (RawClient *stranger : {&silent, &open, &half}) {
        honest.push_back(std::make_unique<RawClient>(rig.port));
        QCOMPARE(honest.back()->ask(rig.post("fair")).status, 200);
        QVERIFY(stranger->isClosedWithin(5s)); // the one that was there longest, and only this
    }

    // Among those who were let in nobody has to go.
    QCOMPARE(RawClient(rig.port).ask(rig.post("x")).status, 503);
    QCOMPARE(oldest.ask(rig.post("still there")).status, 200);
    for (const auto &client : honest)
        QCOMPARE(client->ask(rig.post("still there")).status, 200);
}

void HttpServerTest::whoDoesNotTakeTheAnswerIsCut()
{
    HttpServer::Options options;
    options.bodyStall = 300ms;
    HttpRig rig(options);
    RawClient reader(rig.port, 60s);
    const QByteArray large = rig.post(QByteArray(1024 * 1024, 'x'));
    const auto begin = std::chrono::steady_clock::now();

    // Its answers fill the buffers between the two, until the server waits for it: each alone would take 35 minutes at the least rate.
    bool isCut = false;
    for (int i = 0; i < 64 && !isCut; ++i)
        isCut = !reader.send(large);

    QVERIFY(isCut);
    QVERIFY(std::chrono::steady_clock::now() - begin < 30s);
    QCOMPARE(RawClient(rig.port).ask(rig.post("next")).status, 200);
}

void HttpServerTest::acceptingPausesWithoutDescriptors()
{
    HttpRig rig;
    RawClient before(rig.port);
    QCOMPARE(before.ask(rig.post("x")).status, 200);
    rlimit old{};
    getrlimit(RLIMIT_NOFILE, &old);
    const auto restore = qScopeGuard([&old] { setrlimit(RLIMIT_NOFILE, &old); });

    // The client's own socket is the last descriptor there is.
    const int probe = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(probe);
    rlimit low = old;
    low.rlim_cur = static_cast<rlim_t>(probe) + 1;
    QCOMPARE(setrlimit(RLIMIT_NOFILE, &low), 0);
    RawClient starved(rig.port);
    QVERIFY(starved.isConnected());
    starved.send(rig.post("x"));
    const double cpuBefore = cpuSeconds();
    QVERIFY(!starved.hasDataWithin(500ms));
    const double spent = cpuSeconds() - cpuBefore;
    QCOMPARE(before.ask(rig.post("y")).status, 200); // those inside are served meanwhile

    setrlimit(RLIMIT_NOFILE, &old);
    QCOMPARE(starved.read().status, 200);
    QVERIFY2(spent < 0.1, QByteArray::number(spent).constData());
}

void HttpServerTest::stopWakesIdleAndWaitsForAnswers()
{
    HttpServer::Options options;
    options.drainFor = 10s;
    HttpRig rig(options);
    RawClient idle(rig.port);
    QCOMPARE(idle.ask(rig.post("x")).status, 200);
    RawClient silent(rig.port);
    RawClient waiting(rig.port);
    waiting.send(rig.head("GET /wait"));
    QTRY_COMPARE(rig.waitingCount(), 1);

    const auto begin = std::chrono::steady_clock::now();
    std::thread stopper([&rig] { rig.server->stop(); });
    QVERIFY(idle.isClosedWithin(5s));
    QVERIFY(silent.isClosedWithin(5s));
    QVERIFY(!RawClient(rig.port).isConnected());
    rig.takeWaiting()(jsonResponse(200, {{u"last"_s, 1}}));
    const RawAnswer answer = waiting.read();
    waiting.endSending();
    stopper.join();

    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.headers.value("connection"), QByteArray("close"));
    QVERIFY(std::chrono::steady_clock::now() - begin < 8s);
}

void HttpServerTest::stopEndsWhatNeverAnswers()
{
    HttpServer::Options options;
    options.drainFor = 200ms;
    HttpRig rig(options);
    RawClient waiting(rig.port);
    waiting.send(rig.head("GET /wait"));
    RawClient half(rig.port);
    half.send(QByteArray(rig.head("PUT /sink/a", "Content-Length: 1000\r\n", false) + "half"));
    QTRY_COMPARE(rig.waitingCount(), 1);
    QTRY_COMPARE(rig.diary.read(&SinkDiary::made), 1);

    rig.server->stop();

    QVERIFY(waiting.isClosedWithin(5s));
    QVERIFY(half.isClosedWithin(5s));
    QCOMPARE(rig.diary.read(&SinkDiary::destroyed), 1);
    rig.takeWaiting()(jsonResponse(200, {})); // far too late, and harmless
}

QTEST_GUILESS_MAIN(HttpServerTest)
#include "tst_httpserver.moc"
