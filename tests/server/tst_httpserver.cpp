#include "app/server/http/httpserver.h"

#include "models/vocabulary/ids.h"
#include "tests/support/rawclient.h"

#include <QJsonDocument>
#include <QScopeGuard>
#include <QTest>

#include <sys/resource.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <semaphore>
#include <thread>

using namespace photolift;
using namespace photolift::server;
using photolift::test::RawAnswer;
using photolift::test::RawClient;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {
constexpr char Token[] = "the-right-token-of-this-test";

/// What the sinks of one test saw.
struct SinkDiary {
    std::mutex mutex; ///< guards everything
    QByteArray bytes;
    qsizetype largestChunk = 0;
    int chunks = 0;
    int made = 0;
    int finished = 0;
    int destroyed = 0;
    bool isFull = false; ///< writes answer "no space"

    template <typename T> T read(T SinkDiary::*member)
    {
        const std::lock_guard lock(mutex);
        return this->*member;
    }
};

class DiarySink final : public BodySink
{
public:
    explicit DiarySink(SinkDiary &diary)
        : m_diary(diary)
    {
        const std::lock_guard lock(m_diary.mutex);
        ++m_diary.made;
    }
    ~DiarySink() override
    {
        const std::lock_guard lock(m_diary.mutex);
        ++m_diary.destroyed;
    }
    Result<> write(QByteArrayView chunk) override
    {
        const std::lock_guard lock(m_diary.mutex);
        if (m_diary.isFull)
            return Error{ErrorCode::StorageNoSpace, u"test"_s};
        m_diary.bytes.append(chunk);
        m_diary.largestChunk = std::max(m_diary.largestChunk, chunk.size());
        ++m_diary.chunks;
        return {};
    }
    HttpResponse finish() override
    {
        const std::lock_guard lock(m_diary.mutex);
        ++m_diary.finished;
        return {};
    }

private:
    SinkDiary &m_diary;
};

/// A server with a route of each kind.
struct Fixture {
    SinkDiary diary;
    std::atomic<int> calls = 0;
    std::mutex mutex; ///< guards waiting
    std::vector<Responder> waiting;
    std::unique_ptr<HttpServer> server;
    quint16 port = 0;

    explicit Fixture(HttpServer::Options options = {})
    {
        const auto echo = [this](const HttpRequest &request, Responder answer) {
            ++calls;
            HttpResponse response;
            response.contentType = "text/plain";
            response.body = request.body;
            answer(response);
        };
        const auto wait = [this](const HttpRequest &, Responder answer) {
            const std::lock_guard lock(mutex);
            waiting.push_back(std::move(answer));
        };
        const auto drop = [](const HttpRequest &, const Responder &) {};
        const auto fail = [](const HttpRequest &, const Responder &) { throw std::runtime_error("handler broke"); };
        const auto take = [this](const HttpRequest &request, qint64 length) -> std::variant<std::unique_ptr<BodySink>, HttpResponse> {
            if (length < 0 || request.query == "refuse")
                return problemResponse(403, Error{ErrorCode::TransferLinkRefused, {}}, request);
            return std::make_unique<DiarySink>(diary);
        };
        QList<Route> routes;
        routes.append({"POST", "/echo", Access::Token, 1024 * 1024, true, echo, {}});
        routes.append({"GET", "/wait", Access::Token, 0, false, wait, {}});
        routes.append({"GET", "/drop", Access::Token, 0, false, drop, {}});
        routes.append({"GET", "/fail", Access::Token, 0, false, fail, {}});
        routes.append({"GET", "/healthz", Access::Open, 0, false, echo, {}});
        routes.append({"PUT", "/sink/{name}", Access::Signed, 64LL * 1024 * 1024, false, {}, take});
        server = std::make_unique<HttpServer>(options, routes, [](QByteArrayView token) { return token == QByteArrayView(Token); });
        const auto started = server->start();
        port = started ? *started : 0;
    }

    QByteArray head(const QByteArray &line, const QByteArray &fields = {}, bool withToken = true) const
    {
        QByteArray text = line + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(port) + "\r\n";
        if (withToken)
            text += QByteArray("Authorization: Bearer ") + Token + "\r\n";
        text += fields + "\r\n";
        return text;
    }
    QByteArray post(const QByteArray &body) const
    {
        return head("POST /echo", "Content-Length: " + QByteArray::number(body.size()) + "\r\n") + body;
    }
    qsizetype waitingCount()
    {
        const std::lock_guard lock(mutex);
        return static_cast<qsizetype>(waiting.size());
    }
    Responder takeWaiting()
    {
        const std::lock_guard lock(mutex);
        Responder first = std::move(waiting.back());
        waiting.pop_back();
        return first;
    }
};

QString codeOf(const RawAnswer &answer)
{
    return QJsonDocument::fromJson(answer.body).object().value("code"_L1).toString();
}

double cpuSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}
}

/// The listener against clients that behave and clients that do not, over real sockets.
class HttpServerTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keptConnectionServesManyRequests();
    void pipelinedRequestsAreAnsweredInOrder();
    void chunkedBodyIsRead();
    void gzipBodyIsRefusedWhereNotAccepted();
    void doubtfulHeadIsRefusedAndClosed_data();
    void doubtfulHeadIsRefusedAndClosed();
    void strangerIsRefusedBeforeTheBody_data();
    void strangerIsRefusedBeforeTheBody();
    void foreignHostOrOriginIsRefused_data();
    void foreignHostOrOriginIsRefused();
    void unknownPathAndMethod();
    void tooLargeBodyIsRefusedUnread();
    void tooLargeChunkedBodyIsRefused();
    void refusalReachesAClientThatKeepsSending();
    void continueIsSaidOnlyToWhoMaySend();
    void headersHaveAnAbsoluteDeadline();
    void slowHeadersDoNotHinderOthers();
    void silentBodyIsCut();
    void tricklingBodyIsCut();
    void streamedBodyArrivesInLargeChunks();
    void tornStreamLeavesNoFinishedSink();
    void fullDiskIsToldInTheMiddleOfABody();
    void streamWithoutLengthIsRefused();
    void handlerAnswersLaterFromAnotherThread();
    void brokenHandlerIsAServerError();
    void stopWakesIdleAndWaitsForAnswers();
    void stopEndsWhatNeverAnswers();
    void tooManyConnectionsAreTold();
    void acceptingPausesWithoutDescriptors();
};

void HttpServerTest::keptConnectionServesManyRequests()
{
    Fixture fixture;
    RawClient client(fixture.port);

    for (int i = 0; i < 50; ++i) {
        const RawAnswer answer = client.ask(fixture.post("number " + QByteArray::number(i)));
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.body, QByteArray("number " + QByteArray::number(i)));
        QCOMPARE(answer.headers.value("photolift-api"), QByteArray("1"));
        QVERIFY(!answer.headers.value("photolift-request-id").isEmpty());
    }
}

void HttpServerTest::pipelinedRequestsAreAnsweredInOrder()
{
    Fixture fixture;
    RawClient client(fixture.port);

    client.send(QByteArray(fixture.post("one") + fixture.post("two") + fixture.head("GET /healthz") + fixture.post("three")));

    QCOMPARE(client.read().body, QByteArray("one"));
    QCOMPARE(client.read().body, QByteArray("two"));
    QCOMPARE(client.read().status, 200);
    QCOMPARE(client.read().body, QByteArray("three"));
}

void HttpServerTest::chunkedBodyIsRead()
{
    Fixture fixture;
    RawClient client(fixture.port);
    const QByteArray head = fixture.head("POST /echo", "Transfer-Encoding: chunked\r\n");

    const RawAnswer answer = client.ask(QByteArray(head + "5\r\nHello\r\n7;note=x\r\n, world\r\n0\r\nTrailer: x\r\n\r\n"));
    QCOMPARE(answer.body, QByteArray("Hello, world"));
    QCOMPARE(client.ask(fixture.post("again")).body, QByteArray("again"));

    RawClient broken(fixture.port);
    QCOMPARE(broken.ask(QByteArray(head + "zz\r\nHello\r\n0\r\n\r\n")).status, 400);
    QVERIFY(broken.isClosedWithin(10s));
}

void HttpServerTest::gzipBodyIsRefusedWhereNotAccepted()
{
    Fixture fixture;
    RawClient client(fixture.port);

    QCOMPARE(client.ask(fixture.head("GET /wait", "Content-Encoding: gzip\r\n")).status, 415);
    RawClient damaged(fixture.port);
    QCOMPARE(damaged.ask(QByteArray(fixture.head("POST /echo", "Content-Encoding: gzip\r\nContent-Length: 4\r\n") + "nope")).status, 413);
}

void HttpServerTest::doubtfulHeadIsRefusedAndClosed_data()
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

void HttpServerTest::doubtfulHeadIsRefusedAndClosed()
{
    QFETCH(QByteArray, text);
    Fixture fixture;
    RawClient client(fixture.port);
    text.replace("Host: a", QByteArray("Host: 127.0.0.1:" + QByteArray::number(fixture.port)));

    QCOMPARE(client.ask(text).status, 400);
    QCOMPARE(client.read().status, 0); // what was smuggled behind it is not answered
    QCOMPARE(fixture.calls.load(), 0);
}

void HttpServerTest::strangerIsRefusedBeforeTheBody_data()
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

void HttpServerTest::strangerIsRefusedBeforeTheBody()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, field);
    Fixture fixture;
    RawClient client(fixture.port);

    // The body is announced and never sent: only a server that does not wait for it answers.
    const RawAnswer answer = client.ask(fixture.head(line, field + "Content-Length: 1000000\r\n", false));

    QCOMPARE(answer.status, 401);
    QCOMPARE(codeOf(answer), u"API_TOKEN_EXPIRED"_s);
    QCOMPARE(fixture.calls.load(), 0);
}

void HttpServerTest::foreignHostOrOriginIsRefused_data()
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

void HttpServerTest::foreignHostOrOriginIsRefused()
{
    QFETCH(QByteArray, fields);
    QFETCH(int, status);
    Fixture fixture;
    RawClient client(fixture.port);
    fields.replace("PORT", QByteArray::number(fixture.port));

    QCOMPARE(client.ask(QByteArray("GET /healthz HTTP/1.1\r\n" + fields + "\r\n")).status, status);
}

void HttpServerTest::unknownPathAndMethod()
{
    Fixture fixture;
    RawClient client(fixture.port);

    QCOMPARE(client.ask(fixture.head("GET /nothing")).status, 404);
    const RawAnswer wrongMethod = client.ask(fixture.head("DELETE /echo"));
    QCOMPARE(wrongMethod.status, 405);
    QCOMPARE(wrongMethod.headers.value("allow"), QByteArray("POST"));
    QCOMPARE(client.ask(fixture.head("GET /healthz")).status, 200); // the connection was kept
}

void HttpServerTest::tooLargeBodyIsRefusedUnread()
{
    Fixture fixture;
    RawClient client(fixture.port);

    QCOMPARE(client.ask(fixture.head("POST /echo", "Content-Length: 1048577\r\n")).status, 413);
    RawClient other(fixture.port);
    QCOMPARE(other.ask(fixture.post(QByteArray(1024 * 1024, 'x'))).body.size(), 1024 * 1024);
}

void HttpServerTest::tooLargeChunkedBodyIsRefused()
{
    Fixture fixture;
    RawClient client(fixture.port);
    QByteArray chunks;
    for (int i = 0; i < 17; ++i)
        chunks += "10000\r\n" + QByteArray(0x10000, 'x') + "\r\n";

    client.send(QByteArray(fixture.head("POST /echo", "Transfer-Encoding: chunked\r\n") + chunks + "0\r\n\r\n"));

    QCOMPARE(client.read().status, 413);
    QCOMPARE(fixture.calls.load(), 0);
}

void HttpServerTest::refusalReachesAClientThatKeepsSending()
{
    Fixture fixture;
    const QByteArray piece(1024 * 1024, 'x');

    for (int i = 0; i < 5; ++i) {
        RawClient client(fixture.port);
        client.send(fixture.head("PUT /sink/a?refuse", "Content-Length: 16777216\r\n", false));
        for (int sent = 0; sent < 16; ++sent)
            QVERIFY(client.send(piece)); // a reset would fail here or lose the answer below
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, 403);
        QCOMPARE(answer.headers.value("connection"), QByteArray("close"));
    }
    QCOMPARE(fixture.diary.read(&SinkDiary::made), 0);
}

void HttpServerTest::continueIsSaidOnlyToWhoMaySend()
{
    Fixture fixture;
    const QByteArray expecting = "Content-Length: 5\r\nExpect: 100-continue\r\n";

    RawClient welcome(fixture.port);
    QCOMPARE(welcome.ask(fixture.head("PUT /sink/a", expecting, false)).status, 100);
    QCOMPARE(welcome.ask("12345").status, 200);
    QCOMPARE(fixture.diary.read(&SinkDiary::bytes), QByteArray("12345"));

    RawClient refused(fixture.port);
    QCOMPARE(refused.ask(fixture.head("PUT /sink/a?refuse", expecting, false)).status, 403);
    RawClient stranger(fixture.port);
    QCOMPARE(stranger.ask(fixture.head("POST /echo", expecting, false)).status, 401);
    RawClient large(fixture.port);
    QCOMPARE(large.ask(fixture.head("POST /echo", "Content-Length: 9999999\r\nExpect: 100-continue\r\n")).status, 413);
    RawClient odd(fixture.port);
    QCOMPARE(odd.ask(fixture.head("POST /echo", "Content-Length: 5\r\nExpect: something\r\n")).status, 417);
}

void HttpServerTest::headersHaveAnAbsoluteDeadline()
{
    HttpServer::Options options;
    options.headerDeadline = 300ms;
    Fixture fixture(options);
    const auto begin = std::chrono::steady_clock::now();

    // One byte every few milliseconds: a deadline that starts anew with each byte would never come.
    RawClient client(fixture.port);
    const QByteArray head = fixture.head("GET /healthz", "X-Long: " + QByteArray(4000, 'x') + "\r\n");
    bool isCut = false;
    for (qsizetype i = 0; i < head.size() && !isCut; ++i)
        isCut = !client.send(QByteArrayView(head).sliced(i, 1)) || client.hasDataWithin(5ms);

    QVERIFY(isCut);
    QVERIFY(std::chrono::steady_clock::now() - begin < 5s);
    QCOMPARE(fixture.calls.load(), 0);
}

void HttpServerTest::slowHeadersDoNotHinderOthers()
{
    HttpServer::Options options;
    options.headerDeadline = 1500ms;
    Fixture fixture(options);
    std::vector<std::unique_ptr<RawClient>> attackers;
    for (int i = 0; i < 300; ++i) {
        attackers.push_back(std::make_unique<RawClient>(fixture.port));
        attackers.back()->send("GET / HT");
    }

    for (int i = 0; i < 24; ++i) {
        RawClient honest(fixture.port);
        QCOMPARE(honest.ask(fixture.post("fair")).status, 200);
    }
    for (const auto &attacker : attackers)
        QVERIFY(attacker->isClosedWithin(10s));
}

void HttpServerTest::silentBodyIsCut()
{
    HttpServer::Options options;
    options.bodyStall = 200ms;
    Fixture fixture(options);

    RawClient stream(fixture.port);
    stream.send(QByteArray(fixture.head("PUT /sink/a", "Content-Length: 1000\r\n", false) + "begin"));
    RawClient whole(fixture.port);
    whole.send(QByteArray(fixture.head("POST /echo", "Content-Length: 1000\r\n") + "begin"));

    QVERIFY(stream.isClosedWithin(10s));
    QVERIFY(whole.isClosedWithin(10s));
    QTRY_COMPARE(fixture.diary.read(&SinkDiary::destroyed), 1);
    QCOMPARE(fixture.diary.read(&SinkDiary::finished), 0);
}

void HttpServerTest::tricklingBodyIsCut()
{
    HttpServer::Options options;
    options.bodyStall = 300ms;
    options.minimumBodyRate = 5000;
    Fixture fixture(options);
    RawClient client(fixture.port);
    client.send(fixture.head("PUT /sink/a", "Content-Length: 1000000\r\n", false));

    bool isCut = false;
    int sent = 0;
    for (; sent < 2000 && !isCut; ++sent)
        isCut = !client.send("x") || client.hasDataWithin(10ms); // 100 bytes a second, never silent for long

    QVERIFY(isCut);
    QCOMPARE(fixture.diary.read(&SinkDiary::finished), 0);
}

void HttpServerTest::streamedBodyArrivesInLargeChunks()
{
    Fixture fixture;
    QByteArray body(20 * 1024 * 1024, Qt::Uninitialized);
    for (qsizetype i = 0; i < body.size(); ++i)
        body[i] = static_cast<char>(i * 31 + (i >> 9));
    RawClient client(fixture.port);

    client.send(fixture.head("PUT /sink/a", "Content-Length: " + QByteArray::number(body.size()) + "\r\n", false));
    QVERIFY(client.send(body));

    QCOMPARE(client.read().status, 200);
    QVERIFY(fixture.diary.read(&SinkDiary::bytes) == body);
    QCOMPARE(fixture.diary.read(&SinkDiary::finished), 1);
    QVERIFY(fixture.diary.read(&SinkDiary::chunks) <= body.size() / (64 * 1024));
    QVERIFY(fixture.diary.read(&SinkDiary::largestChunk) <= 1024 * 1024);
    QCOMPARE(client.ask(fixture.post("next")).body, QByteArray("next"));
}

void HttpServerTest::tornStreamLeavesNoFinishedSink()
{
    Fixture fixture;
    const QByteArray head = fixture.head("PUT /sink/a", "Content-Length: 1000000\r\n", false);

    RawClient ended(fixture.port);
    ended.send(QByteArray(head + QByteArray(500000, 'x')));
    ended.endSending();
    QVERIFY(ended.isClosedWithin(10s));
    RawClient reset(fixture.port);
    reset.send(QByteArray(head + QByteArray(500000, 'x')));
    reset.reset();

    QTRY_COMPARE(fixture.diary.read(&SinkDiary::destroyed), 2);
    QCOMPARE(fixture.diary.read(&SinkDiary::finished), 0);
}

void HttpServerTest::fullDiskIsToldInTheMiddleOfABody()
{
    Fixture fixture;
    {
        const std::lock_guard lock(fixture.diary.mutex);
        fixture.diary.isFull = true;
    }
    RawClient client(fixture.port);

    client.send(fixture.head("PUT /sink/a", "Content-Length: 4000000\r\n", false));
    QVERIFY(client.send(QByteArray(4000000, 'x')));

    const RawAnswer answer = client.read();
    QCOMPARE(answer.status, 507);
    QCOMPARE(codeOf(answer), u"STORAGE_NO_SPACE"_s);
    QCOMPARE(fixture.diary.read(&SinkDiary::finished), 0);
}

void HttpServerTest::streamWithoutLengthIsRefused()
{
    Fixture fixture;
    RawClient client(fixture.port);

    QCOMPARE(client.ask(QByteArray(fixture.head("PUT /sink/a", "Transfer-Encoding: chunked\r\n", false) + "1\r\nx\r\n0\r\n\r\n")).status, 403);
    QCOMPARE(fixture.diary.read(&SinkDiary::made), 0);
}

void HttpServerTest::handlerAnswersLaterFromAnotherThread()
{
    Fixture fixture;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<RawClient>(fixture.port));
        clients.back()->send(fixture.head("GET /wait"));
    }
    QTRY_COMPARE(fixture.waitingCount(), 200);
    RawClient other(fixture.port);
    QCOMPARE(other.ask(fixture.post("not held up")).status, 200);
    QVERIFY(!clients.front()->hasDataWithin(0ms));

    std::thread elsewhere([&fixture] {
        while (fixture.waitingCount() > 0) {
            const Responder answer = fixture.takeWaiting();
            answer(jsonResponse(200, {{u"changed"_s, true}}));
            answer(jsonResponse(500, {})); // a second answer is ignored
        }
    });
    elsewhere.join();

    for (const auto &client : clients) {
        QCOMPARE(client->read().body, QByteArray("{\"changed\":true}"));
        QCOMPARE(client->ask(fixture.post("next")).status, 200);
    }
}

void HttpServerTest::brokenHandlerIsAServerError()
{
    Fixture fixture;
    RawClient client(fixture.port);

    for (const char *path : {"/drop", "/fail"}) {
        const RawAnswer answer = client.ask(fixture.head(QByteArray("GET ") + path));
        QCOMPARE(answer.status, 500);
        QCOMPARE(codeOf(answer), u"API_SERVER_ERROR"_s);
        QVERIFY(!answer.body.contains("broke")); // details are for the log
    }
    QCOMPARE(client.ask(fixture.post("alive")).status, 200);
}

void HttpServerTest::stopWakesIdleAndWaitsForAnswers()
{
    HttpServer::Options options;
    options.drainFor = 10s;
    Fixture fixture(options);
    RawClient idle(fixture.port);
    QCOMPARE(idle.ask(fixture.post("x")).status, 200);
    RawClient silent(fixture.port);
    RawClient waiting(fixture.port);
    waiting.send(fixture.head("GET /wait"));
    QTRY_COMPARE(fixture.waitingCount(), 1);

    const auto begin = std::chrono::steady_clock::now();
    std::thread stopper([&fixture] { fixture.server->stop(); });
    QVERIFY(idle.isClosedWithin(5s));
    QVERIFY(silent.isClosedWithin(5s));
    QVERIFY(!RawClient(fixture.port).isConnected());
    fixture.takeWaiting()(jsonResponse(200, {{u"last"_s, 1}}));
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
    Fixture fixture(options);
    RawClient waiting(fixture.port);
    waiting.send(fixture.head("GET /wait"));
    RawClient half(fixture.port);
    half.send(QByteArray(fixture.head("PUT /sink/a", "Content-Length: 1000\r\n", false) + "half"));
    QTRY_COMPARE(fixture.waitingCount(), 1);
    QTRY_COMPARE(fixture.diary.read(&SinkDiary::made), 1);

    fixture.server->stop();

    QVERIFY(waiting.isClosedWithin(5s));
    QVERIFY(half.isClosedWithin(5s));
    QCOMPARE(fixture.diary.read(&SinkDiary::destroyed), 1);
    fixture.takeWaiting()(jsonResponse(200, {})); // far too late, and harmless
}

void HttpServerTest::tooManyConnectionsAreTold()
{
    HttpServer::Options options;
    options.maxConnections = 4;
    Fixture fixture(options);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 4; ++i) {
        clients.push_back(std::make_unique<RawClient>(fixture.port));
        QCOMPARE(clients.back()->ask(fixture.post("x")).status, 200);
    }

    const RawAnswer answer = RawClient(fixture.port).ask(fixture.post("x"));

    QCOMPARE(answer.status, 503);
    QCOMPARE(answer.headers.value("retry-after"), QByteArray("1"));
    clients.pop_back();
    bool isServed = false;
    QTRY_VERIFY(isServed || (isServed = RawClient(fixture.port).ask(fixture.post("x")).status == 200));
}

void HttpServerTest::acceptingPausesWithoutDescriptors()
{
    Fixture fixture;
    RawClient before(fixture.port);
    QCOMPARE(before.ask(fixture.post("x")).status, 200);
    rlimit old{};
    getrlimit(RLIMIT_NOFILE, &old);
    const auto restore = qScopeGuard([&old] { setrlimit(RLIMIT_NOFILE, &old); });

    // The client's own socket is the last descriptor there is.
    const int probe = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(probe);
    rlimit low = old;
    low.rlim_cur = static_cast<rlim_t>(probe) + 1;
    QCOMPARE(setrlimit(RLIMIT_NOFILE, &low), 0);
    RawClient starved(fixture.port);
    QVERIFY(starved.isConnected());
    starved.send(fixture.post("x"));
    const double cpuBefore = cpuSeconds();
    QVERIFY(!starved.hasDataWithin(500ms));
    const double spent = cpuSeconds() - cpuBefore;
    QCOMPARE(before.ask(fixture.post("y")).status, 200); // those inside are served meanwhile

    setrlimit(RLIMIT_NOFILE, &old);
    QCOMPARE(starved.read().status, 200);
    QVERIFY2(spent < 0.1, QByteArray::number(spent).constData());
}

QTEST_GUILESS_MAIN(HttpServerTest)
#include "tst_httpserver.moc"
