#include "models/transfer/apiclient.h"
#include "models/vocabulary/ids.h"
#include "tests/support/faultproxy.h"
#include "tests/support/testcertificate.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;
using transfer::ApiAnswer;
using transfer::ApiClient;

namespace {

QByteArray compact(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QByteArray problem(int status, ErrorCode code, std::optional<int> retryAfterSeconds = {})
{
    return FaultProxy::ourAnswer(status, compact(wire::toJson(wire::Problem{status, code, u"r-77"_s, retryAfterSeconds})));
}

wire::Info someInfo()
{
    wire::Info info;
    info.serverVersion = u"0.1.0"_s;
    info.serverTimeMs = nowMs() + 3600000;
    info.epoch = u"e1"_s;
    info.partChecksum = u"sha256"_s;
    return info;
}

wire::Question someQuestion(const QUuid &attempt)
{
    wire::Question question;
    question.sha256 = QString(64, u'a');
    question.size = 10;
    question.name = u"IMG_0001.jpg"_s;
    question.mediaType = u"image/jpeg"_s;
    question.attempt.clientUploadId = attempt;
    return question;
}

/// Waits for a call as the engine does: by the event loop.
template <typename T> ApiAnswer<T> answerOf(const QFuture<ApiAnswer<T>> &future)
{
    if (!QTest::qWaitFor([&] { return future.isFinished(); }, 10000))
        return {};
    return future.result();
}

} // namespace

/// The control calls against a scripted server.
class tst_ApiClient final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void infoIsReadAndTheClockLearned();
    void carriesTokenKeyAndCorrelation();
    void sameQuestionHasTheSameKey();
    void linksHaveAFreshKeyEachTime();
    void eventsTravelPackedUnderTheirBatchId();
    void answerDecides_data();
    void answerDecides();
    void retryAfterOfHeaderAndBody();
    void brokenConnection_data();
    void brokenConnection();
    void nothingListens();
    void unknownName();
    void silentServerTimesOut();
    void longPollWaitsLonger();
    void tooLongAnswerIsGivenUp();
    void redirectsAreNotFollowed();
    void certificateDecides();
    void serverMayMove();
    void deviceTokenIsExchangedOnceForAllCalls();
    void signingInSaysForWhom();
    void nobodyAsksNothing();
    void shutOutAccessTokenIsRenewed();
    void refusedDeviceTokenIsTheCallsFault();
    void exchangeIsNotRepeatedBeforeTheServerAskedForIt();
    void goingAwayDuringTheExchangeAnswersEveryCall();
    void goingAwayAnswersEveryCall();

private:
    std::unique_ptr<FaultProxy> m_server;
    std::unique_ptr<ApiClient> m_api;
};

void tst_ApiClient::init()
{
    m_server = std::make_unique<FaultProxy>();
    m_server->setResponder([](const SeenRequest &) { return FaultProxy::ourAnswer(200, compact(wire::toJson(someInfo()))); });
    m_api = std::make_unique<ApiClient>();
    m_api->setServer(m_server->url(), "top-secret");
    m_api->setTimeouts(400, 2000);
}

void tst_ApiClient::cleanup()
{
    m_api.reset();
    m_server.reset();
}

void tst_ApiClient::infoIsReadAndTheClockLearned()
{
    const auto answer = answerOf(m_api->info());

    QVERIFY(answer);
    QCOMPARE(answer.value->epoch, u"e1"_s);
    QVERIFY(std::abs(m_api->clockOffsetMs() - 3600000) < 2000);
    QCOMPARE(m_server->requests().first().method, "GET");
    QCOMPARE(m_server->requests().first().target, "/v1/info");
}

void tst_ApiClient::carriesTokenKeyAndCorrelation()
{
    const QUuid attempt = newUuid7();
    answerOf(m_api->ask(someQuestion(attempt)));

    const auto &headers = m_server->requests().first().headers;
    QCOMPARE(headers.value("authorization"), "Bearer top-secret");
    QCOMPARE(headers.value("photolift-correlation"), idText(attempt).toLatin1());
    const QUuid key = QUuid::fromString(QLatin1StringView(headers.value("idempotency-key")));
    QCOMPARE(idText(key).at(14), u'7'); // QUuid::version() does not know it yet
    QCOMPARE(instantOf(key), instantOf(attempt));
    QCOMPARE(headers.value("content-type"), "application/json");
}

void tst_ApiClient::sameQuestionHasTheSameKey()
{
    const QUuid attempt = newUuid7();
    answerOf(m_api->ask(someQuestion(attempt)));
    answerOf(m_api->ask(someQuestion(attempt)));
    wire::Question changed = someQuestion(attempt);
    changed.size = 11;
    answerOf(m_api->ask(changed));

    const auto keyOf = [this](int i) { return m_server->requests()[i].headers.value("idempotency-key"); };
    QCOMPARE(keyOf(1), keyOf(0));
    QVERIFY(keyOf(2) != keyOf(0));
}

void tst_ApiClient::linksHaveAFreshKeyEachTime()
{
    const wire::LinkRequest request{{{1, 10, QString(64, u'b')}}};
    const QUuid upload = newUuid7();
    answerOf(m_api->links(newUuid7(), upload, request));
    answerOf(m_api->links(newUuid7(), upload, request));

    QCOMPARE(m_server->requests()[0].target, QByteArray("/v1/uploads/" + idText(upload).toLatin1() + "/links"));
    QVERIFY(m_server->requests()[0].headers.value("idempotency-key") != m_server->requests()[1].headers.value("idempotency-key"));
}

void tst_ApiClient::eventsTravelPackedUnderTheirBatchId()
{
    m_server->setResponder([](const SeenRequest &) { return FaultProxy::ourAnswer(200, R"({"applied":2,"repeated":0,"set_aside":[]})"); });
    const QUuid batch = newUuid7();

    const auto answer = answerOf(m_api->events(batch, QByteArray("{}\n").repeated(2)));

    QVERIFY(answer);
    QCOMPARE(answer.value->applied, 2);
    const SeenRequest &request = m_server->requests().first();
    QCOMPARE(request.headers.value("idempotency-key"), idText(batch).toLatin1());
    QCOMPARE(request.headers.value("content-encoding"), "gzip");
    QVERIFY(request.body.startsWith("\x1f\x8b"));
}

void tst_ApiClient::answerDecides_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<ErrorCode>("expected");
    const auto bare = [](int status) { return FaultProxy::answer(status, "text/html", "<h1>Hello"); };
    const auto ours = [](int status) { return FaultProxy::ourAnswer(status, "{}"); };

    QTest::newRow("200 HTML") << bare(200) << ErrorCode::NetworkLoginPage;
    QTest::newRow("200 JSON without our header") << FaultProxy::answer(200, "application/json", "{}") << ErrorCode::NetworkLoginPage;
    QTest::newRow("our header, but HTML") << FaultProxy::answer(200, "text/html", "<h1>", {{"Photolift-Api", "1"}}) << ErrorCode::NetworkLoginPage;
    QTest::newRow("302") << bare(302) << ErrorCode::NetworkLoginPage;
    QTest::newRow("401 of a stranger") << bare(401) << ErrorCode::NetworkLoginPage;
    QTest::newRow("403 of a stranger") << bare(403) << ErrorCode::NetworkLoginPage;
    QTest::newRow("404 of a stranger") << bare(404) << ErrorCode::NetworkLoginPage;
    QTest::newRow("407") << bare(407) << ErrorCode::NetworkLoginPage;
    QTest::newRow("511") << bare(511) << ErrorCode::NetworkLoginPage;
    QTest::newRow("429 of a balancer") << bare(429) << ErrorCode::ApiRateLimited;
    QTest::newRow("502 of a balancer") << bare(502) << ErrorCode::ApiUnavailable;
    QTest::newRow("503 of a balancer") << bare(503) << ErrorCode::ApiUnavailable;
    QTest::newRow("504 of a balancer") << bare(504) << ErrorCode::ApiUnavailable;
    QTest::newRow("400 of ours") << ours(400) << ErrorCode::ApiRequestRefused;
    QTest::newRow("401 of ours") << ours(401) << ErrorCode::ApiTokenExpired;
    QTest::newRow("403 of ours") << ours(403) << ErrorCode::ApiNotAllowed;
    QTest::newRow("409 of ours") << ours(409) << ErrorCode::ProjectConflict;
    QTest::newRow("413 of ours") << ours(413) << ErrorCode::SelectionNotAccepted;
    QTest::newRow("415 of ours") << ours(415) << ErrorCode::SelectionNotAccepted;
    QTest::newRow("422 of ours") << ours(422) << ErrorCode::ApiRequestRefused;
    QTest::newRow("426 of ours") << ours(426) << ErrorCode::ApiClientTooOld;
    QTest::newRow("429 of ours") << ours(429) << ErrorCode::ApiRateLimited;
    QTest::newRow("500 of ours") << ours(500) << ErrorCode::ApiServerError;
    QTest::newRow("503 of ours") << ours(503) << ErrorCode::ApiUnavailable;
    QTest::newRow("507 of ours") << ours(507) << ErrorCode::InitiationQuotaFull;
    QTest::newRow("the body names the code: 507") << problem(507, ErrorCode::StorageNoSpace) << ErrorCode::StorageNoSpace;
    QTest::newRow("the body names the code: 403") << problem(403, ErrorCode::ApiAccountClosed) << ErrorCode::ApiAccountClosed;
    QTest::newRow("the body names the code: 404") << problem(404, ErrorCode::ProjectDeleted) << ErrorCode::ProjectDeleted;
    QTest::newRow("a success that cannot be read") << ours(200) << ErrorCode::ApiRequestRefused;
    QTest::newRow("a success that is no JSON") << FaultProxy::ourAnswer(200, "{") << ErrorCode::ApiRequestRefused;
}

void tst_ApiClient::answerDecides()
{
    QFETCH(QByteArray, answer);
    QFETCH(ErrorCode, expected);
    m_server->setResponder([&](const SeenRequest &) { return answer; });

    const auto said = answerOf(m_api->info());

    QVERIFY(!said);
    QCOMPARE(errorName(said.fault.error.code), errorName(expected));
    QCOMPARE(said.fault.error.cause.httpStatus, answer.split(' ').at(1).toInt());
    QCOMPARE(m_server->requests().size(), 1);
}

void tst_ApiClient::retryAfterOfHeaderAndBody()
{
    m_server->setResponder([](const SeenRequest &) { return FaultProxy::ourAnswer(429, "{}", {{"Retry-After", "30"}}); });
    QCOMPARE(answerOf(m_api->info()).fault.retryAfterMs.value_or(-1), 30000);

    m_server->setResponder([](const SeenRequest &) { return problem(503, ErrorCode::ApiUnavailable, 5); });
    const auto said = answerOf(m_api->info());
    QCOMPARE(said.fault.retryAfterMs.value_or(-1), 5000);
    QCOMPARE(said.fault.requestId, u"r-77"_s);
}

void tst_ApiClient::brokenConnection_data()
{
    QTest::addColumn<Fault>("fault");
    QTest::newRow("closed instead of an answer") << Fault{.times = -1, .closeAfterAnswerBytes = 0};
    QTest::newRow("reset instead of an answer") << Fault{.times = -1, .resetAfterAnswerBytes = 0};
    QTest::newRow("closed inside the body") << Fault{.times = -1, .closeAfterAnswerBytes = 120};
}

void tst_ApiClient::brokenConnection()
{
    QFETCH(Fault, fault);
    m_server->add(fault);

    const auto said = answerOf(m_api->info());

    QVERIFY(!said);
    QCOMPARE(errorName(said.fault.error.code), errorName(ErrorCode::TransferConnectionLost));
}

void tst_ApiClient::nothingListens()
{
    m_server->setDown(true);
    QCOMPARE(errorName(answerOf(m_api->info()).fault.error.code), errorName(ErrorCode::NetworkConnectFailed));
}

void tst_ApiClient::unknownName()
{
    m_api->setTimeouts(10000, 10000);
    m_api->setServer(QUrl(u"http://photos.invalid/"_s), "top-secret");
    QCOMPARE(errorName(answerOf(m_api->info()).fault.error.code), errorName(ErrorCode::NetworkHostNotFound));
}

void tst_ApiClient::silentServerTimesOut()
{
    m_server->add({.isSilent = true});
    QCOMPARE(errorName(answerOf(m_api->info()).fault.error.code), errorName(ErrorCode::TransferTimeout));
}

void tst_ApiClient::longPollWaitsLonger()
{
    m_server->setResponder([](const SeenRequest &) { return FaultProxy::ourAnswer(200, R"({"uploads":[]})"); });
    m_server->add({.isAnswerHeld = true});
    m_api->setTimeouts(100, 2000);
    wire::StatusQuery query;
    query.waitSeconds = 5;

    const auto call = m_api->status(query);
    QTRY_COMPARE(m_server->heldAnswers(), 1);
    QVERIFY(!QTest::qWaitFor([&] { return call.isFinished(); }, 300)); // three times what any other call would wait
    m_server->release();

    QVERIFY(answerOf(call));
}

void tst_ApiClient::tooLongAnswerIsGivenUp()
{
    m_api->setTimeouts(10000, 10000); // where everything is slow a megabyte takes longer than the 400 ms of the others
    m_server->setResponder([](const SeenRequest &) { return FaultProxy::ourAnswer(200, QByteArray(3 * wire::MaxJsonBytes, ' ')); });
    QCOMPARE(errorName(answerOf(m_api->info()).fault.error.code), errorName(ErrorCode::ApiRequestRefused));
}

void tst_ApiClient::redirectsAreNotFollowed()
{
    FaultProxy elsewhere;
    m_server->setResponder([&](const SeenRequest &) {
        return FaultProxy::ourAnswer(302, "{}", {{"Location", elsewhere.url("/v1/info").toEncoded()}});
    });

    QCOMPARE(errorName(answerOf(m_api->info()).fault.error.code), errorName(ErrorCode::NetworkLoginPage));
    QCOMPARE(elsewhere.requests().size(), 0); // the token went nowhere else
}

void tst_ApiClient::certificateDecides()
{
    const TestCertificate certificate = makeTestCertificate();
    m_server->setCertificate(certificate.certificate, certificate.key);
    m_api->setTimeouts(5000, 5000);
    m_api->setServer(m_server->url(), "top-secret");

    QCOMPARE(errorName(answerOf(m_api->info()).fault.error.code), errorName(ErrorCode::NetworkIdentityUntrusted));
    QCOMPARE(m_server->requests().size(), 0);

    m_api->setCaBundle(certificate.pem);
    QVERIFY(answerOf(m_api->info()));
}

void tst_ApiClient::serverMayMove()
{
    answerOf(m_api->info());
    FaultProxy other;
    other.setResponder([](const SeenRequest &) { return FaultProxy::ourAnswer(200, compact(wire::toJson(someInfo()))); });

    m_api->setServer(other.url("/photos/"), "another");

    QVERIFY(answerOf(m_api->info()));
    QCOMPARE(other.requests().first().target, "/photos/v1/info");
    QCOMPARE(other.requests().first().headers.value("authorization"), "Bearer another");
}

namespace {

/// Answers /v1/token with access tokens "access-1", "access-2", ..., and everything else with info.
FaultProxy::Responder exchanging(std::atomic<int> &exchanges)
{
    return [&exchanges](const SeenRequest &request) {
        if (request.target != "/v1/token")
            return FaultProxy::ourAnswer(200, compact(wire::toJson(someInfo())));
        const QString access = u"access-%1"_s.arg(++exchanges);
        return FaultProxy::ourAnswer(200, compact(wire::toJson(wire::TokenAnswer{access, 900, u"id of anna"_s, u"anna"_s, u"photographer"_s})));
    };
}

} // namespace

void tst_ApiClient::deviceTokenIsExchangedOnceForAllCalls()
{
    std::atomic<int> exchanges = 0;
    m_server->setResponder(exchanging(exchanges));
    m_api->setServer(m_server->url(), "pld_device");

    QSignalSpy signedIn(m_api.get(), &ApiClient::signedIn);

    const auto first = m_api->info();
    const auto second = m_api->info();
    QVERIFY(answerOf(first));
    QVERIFY(answerOf(second));
    QVERIFY(answerOf(m_api->info()));

    QCOMPARE(signedIn.count(), 1);
    QCOMPARE(signedIn.first().first().value<Person>(), (Person{u"anna"_s, Role::Photographer}));
    QCOMPARE(exchanges.load(), 1);
    QCOMPARE(m_server->requests().size(), 4);
    for (const SeenRequest &request : m_server->requests()) {
        if (request.target == "/v1/token") {
            QVERIFY(!request.headers.contains("authorization"));
            QVERIFY(request.body.contains("pld_device"));
        } else {
            QCOMPARE(request.headers.value("authorization"), "Bearer access-1");
        }
    }
}

void tst_ApiClient::signingInSaysForWhom()
{
    std::atomic<int> exchanges = 0;
    m_server->setResponder(exchanging(exchanges));
    m_api->setServer(m_server->url(), "pld_device");

    const auto answer = answerOf(m_api->signIn());
    QVERIFY(answer);
    QCOMPARE(answer.value->role, u"photographer"_s);
    QVERIFY(answerOf(m_api->signIn())); // asked anew each time

    QCOMPARE(exchanges.load(), 2);
}

void tst_ApiClient::nobodyAsksNothing()
{
    m_api->setServer(m_server->url(), {});

    QCOMPARE(errorName(answerOf(m_api->info()).fault.error.code), errorName(ErrorCode::InitiationTokenExpired));

    QVERIFY(m_server->requests().isEmpty());
}

void tst_ApiClient::shutOutAccessTokenIsRenewed()
{
    std::atomic<int> exchanges = 0;
    const auto whole = exchanging(exchanges);
    m_server->setResponder([whole](const SeenRequest &request) {
        if (request.headers.value("authorization") == "Bearer access-1")
            return problem(401, ErrorCode::ApiTokenExpired);
        return whole(request);
    });
    m_api->setServer(m_server->url(), "pld_device");

    const auto refused = answerOf(m_api->info());
    QVERIFY(!refused);
    QCOMPARE(refused.fault.error.code, ErrorCode::ApiTokenExpired); // its policy repeats it at once
    QVERIFY(answerOf(m_api->info()));
    QCOMPARE(exchanges.load(), 2);
}

void tst_ApiClient::refusedDeviceTokenIsTheCallsFault()
{
    m_server->setResponder([](const SeenRequest &) {
        return problem(401, ErrorCode::InitiationTokenExpired);
    });
    m_api->setServer(m_server->url(), "pld_device");

    const auto answer = answerOf(m_api->ask(someQuestion(newUuid7())));

    QVERIFY(!answer);
    QCOMPARE(answer.fault.error.code, ErrorCode::InitiationTokenExpired);
    QCOMPARE(m_server->requests().size(), 1); // the question never left
    QVERIFY(!answerOf(m_api->info()));
    QCOMPARE(m_server->requests().size(), 1); // nor is the token asked about again at once
}

void tst_ApiClient::exchangeIsNotRepeatedBeforeTheServerAskedForIt()
{
    std::atomic<int> exchanges = 0;
    const auto whole = exchanging(exchanges);
    std::atomic<bool> isRefused = false;
    m_server->setResponder([&](const SeenRequest &request) {
        return isRefused.exchange(true) ? whole(request) : problem(429, ErrorCode::ApiRateLimited, 2);
    });
    m_api->setServer(m_server->url(), "pld_device");
    QElapsedTimer waited;
    waited.start();

    const auto first = answerOf(m_api->info());
    QCOMPARE(first.fault.error.code, ErrorCode::ApiRateLimited);
    const auto second = answerOf(m_api->info()); // another part of the program, which knows nothing of the first
    QCOMPARE(second.fault.error.code, ErrorCode::ApiRateLimited);
    QVERIFY(second.fault.retryAfterMs.value_or(0) > 0 && *second.fault.retryAfterMs <= 2000);
    QCOMPARE(m_server->requests().size(), 1);

    QVERIFY(QTest::qWaitFor([&] { return bool(answerOf(m_api->info())); }, 10'000));
    QVERIFY2(waited.elapsed() >= 2000, qPrintable(QString::number(waited.elapsed())));
    QCOMPARE(exchanges.load(), 1);
}

void tst_ApiClient::goingAwayDuringTheExchangeAnswersEveryCall()
{
    m_api->setServer(m_server->url(), "pld_device");
    const auto first = m_api->info();
    const auto second = m_api->info();

    m_api.reset();

    QVERIFY(!answerOf(first));
    QVERIFY(!answerOf(second));
}

void tst_ApiClient::goingAwayAnswersEveryCall()
{
    m_server->add({.isSilent = true});
    const auto call = m_api->info();
    QTRY_COMPARE(m_server->requests().size(), 1);

    m_api.reset();

    QVERIFY(call.isFinished());
    QVERIFY(!call.result());
}


QTEST_GUILESS_MAIN(tst_ApiClient)
#include "tst_apiclient.moc"
