#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"
#include "tests/server/apirig.h"
#include "tests/server/tlsclient.h"
#include "tests/support/clirun.h"
#include "tests/support/haproxyrun.h"
#include "tests/support/organisationrun.h"
#include "tests/support/rawclient.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"
#include "tests/support/trustingprogram.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QSignalSpy>
#include <QSslConfiguration>
#include <QTest>

#include <sys/resource.h>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;

/// The packaged configuration of HAProxy in front of two real servers: what an administrator copies does what it says.
class TestHaproxy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void photosArriveThroughIt();
    void aCallThatWaitsForChangesIsNotCut();
    void aServerThatStopsIsLeftOut();
    void oneAddressDoesNotTakeAllPlaces();
    void whoAsksTooOftenIsToldWhenToComeAgain();
    void aServersLimitOfAnAddressReachesIt();
    void noServerAtAllIsSaidAsSuch();

private:
    struct Answer {
        int status = 0;
        QByteArray retryAfter;
        QJsonObject json;
        qint64 ms = 0;
    };
    /// One line from this address of this computer.
    std::unique_ptr<test::TlsClient> lineFrom(const QByteArray &address) const
    {
        return std::make_unique<test::TlsClient>(quint16(m_haproxy.address().port()), m_haproxy.certificate().pem, 0, address);
    }
    Answer ask(const QByteArray &verb, const QString &path, const QJsonObject &json = {});
    /// How many calls of this route a server has answered, as Prometheus hears it.
    int answered(int server, const QByteArray &route) const;

    OrganisationRun m_organisation;
    HaproxyRun m_haproxy;
    QTemporaryDir m_folder;
    QNetworkAccessManager m_network;
    QByteArray m_accessToken;
};

void TestHaproxy::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    for (int server = 0; server < 2; ++server)
        QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_haproxy.start({m_organisation.address(0).port(), m_organisation.address(1).port()}), qPrintable(m_haproxy.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    const QByteArray token = m_organisation.command({u"token"_s, u"create"_s, u"anna"_s}).trimmed();
    QVERIFY2(!token.isEmpty(), qPrintable(m_organisation.failure()));
    const Answer given = ask("POST", u"/v1/token"_s, wire::toJson(wire::TokenRequest{QString::fromLatin1(token)}));
    QCOMPARE(given.status, 200);
    m_accessToken = given.json.value("access_token"_L1).toString().toLatin1();
}

TestHaproxy::Answer TestHaproxy::ask(const QByteArray &verb, const QString &path, const QJsonObject &json)
{
    QUrl url = m_haproxy.address();
    url.setPath(path);
    QNetworkRequest request(url);
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setCaCertificates({m_haproxy.certificate().certificate});
    request.setSslConfiguration(tls);
    request.setTransferTimeout(90'000);
    request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    request.setRawHeader("Idempotency-Key", idText(newUuid7()).toLatin1());
    if (!m_accessToken.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + m_accessToken);
    QElapsedTimer time;
    time.start();
    const std::unique_ptr<QNetworkReply> reply(m_network.sendCustomRequest(request, verb, json.isEmpty() ? QByteArray() : test::jsonBytes(json)));
    QSignalSpy finished(reply.get(), &QNetworkReply::finished);
    if (!reply->isFinished())
        (void)finished.wait(100'000);
    return {reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), reply->rawHeader("Retry-After"),
            QJsonDocument::fromJson(reply->readAll()).object(), time.elapsed()};
}

int TestHaproxy::answered(int server, const QByteArray &route) const
{
    test::RawClient client(static_cast<quint16>(m_organisation.metrics(server).port()));
    const QByteArray page = client.ask("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").body;
    int sum = 0;
    for (const QByteArray &line : page.split('\n')) {
        if (line.startsWith(QByteArray("photolift_http_requests_total{route=\"" + route + "\",status=\"200\"}")))
            sum += line.mid(line.lastIndexOf(' ') + 1).toInt();
    }
    return sum;
}

void TestHaproxy::photosArriveThroughIt()
{
    // The servers are found well: else nobody is let through after the first second.
    QTRY_VERIFY_WITH_TIMEOUT(answered(0, "GET /readyz") > 1 && answered(1, "GET /readyz") > 1, 20'000);
    const QString photos = m_folder.filePath(u"photos"_s);
    for (int i = 0; i < 12; ++i)
        writeJpeg(photos + u"/IMG_%1.JPG"_s.arg(i), i);
    QFile large(photos + u"/IMG_0.JPG"_s); // in two parts: the zeros are behind the picture's end
    QVERIFY(large.resize(20 * 1024 * 1024));
    const QString cli = makeTrustingProgram(m_folder.path(), programFolder() + u"/photolift-cli"_s, m_haproxy.certificate().pem);
    QVERIFY(!cli.isEmpty());

    const CliAnswer answer = CliRun(m_folder.filePath(u"anna"_s), cli)
                                 .run({u"upload"_s, photos, u"--server"_s, m_haproxy.address().toString(), u"--token-file"_s,
                                       m_organisation.tokenFileFor(u"anna"_s)});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.count("succeeded"_L1), 12);
    for (int server = 0; server < 2; ++server)
        QVERIFY2(answered(server, "POST /v1/uploads") > 0, qPrintable(u"server %1 was asked nothing"_s.arg(server)));
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_assets"_s), u"12"_s);
}

void TestHaproxy::aCallThatWaitsForChangesIsNotCut()
{
    const test::Photo photo = test::photoOf(100); // nobody sends it
    const Answer asked = ask("POST", u"/v1/uploads"_s, wire::toJson(photo.question));
    const Result<wire::Offer> offer = wire::offerFromJson(asked.json);
    QVERIFY(asked.status == 200 && offer);

    const Answer waited = ask("POST", u"/v1/status"_s, wire::toJson(wire::StatusQuery{{{offer->uploadId, 1'000'000}}, wire::MaxWaitSeconds}));

    QCOMPARE(waited.status, 200);
    QVERIFY2(waited.ms >= wire::MaxWaitSeconds * 1000 - 1000, qPrintable(QString::number(waited.ms)));
}

void TestHaproxy::aServerThatStopsIsLeftOut()
{
    for (const int server : {0, 1}) {
        QCOMPARE(m_organisation.stopServer(server), 0);
        for (int i = 0; i < 10; ++i)
            QCOMPARE(ask("GET", u"/v1/info"_s).status, 200);
        const int before = answered(1 - server, "GET /readyz");
        QVERIFY2(m_organisation.restartServer(server), qPrintable(m_organisation.failure()));
        // Found again by its next check, before the other one is stopped.
        QTRY_VERIFY_WITH_TIMEOUT(answered(server, "GET /readyz") > 1 && answered(1 - server, "GET /readyz") > before, 20'000);
    }
}

void TestHaproxy::oneAddressDoesNotTakeAllPlaces()
{
    constexpr int Allowed = 2000; ///< as the packaged file says
    rlimit files{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &files), 0);
    std::vector<std::unique_ptr<test::RawClient>> silent;
    for (int i = 0; i < Allowed + 100; ++i) {
        silent.push_back(std::make_unique<test::RawClient>(quint16(m_haproxy.address().port()), std::chrono::seconds(20), "127.0.0.2"));
        QVERIFY2(silent.back()->isConnected(), qPrintable(QString::number(i)));
    }

    const auto closed = [&silent] {
        return int(std::ranges::count_if(silent, [](const auto &client) { return client->hasDataWithin(std::chrono::milliseconds(0)); }));
    };
    QTRY_COMPARE_WITH_TIMEOUT(closed(), 100, 20'000);
    QCOMPARE(ask("GET", u"/v1/info"_s).status, 200);
    QCOMPARE(closed(), 100);

    silent.clear();
    const auto isLetInAgain = [this] {
        test::RawClient another(quint16(m_haproxy.address().port()), std::chrono::seconds(20), "127.0.0.2");
        return another.isConnected() && !another.hasDataWithin(std::chrono::milliseconds(500));
    };
    QVERIFY(QTest::qWaitFor(isLetInAgain, 20'000));
}

/// The packaged file's own limit of an address: it counts the calls of a line that was let in, too, not its first alone.
void TestHaproxy::whoAsksTooOftenIsToldWhenToComeAgain()
{
    constexpr int Allowed = 500; ///< in a second, as the packaged file says
    const QByteArray call = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    const auto line = lineFrom("127.0.0.3");
    QVERIFY(line->isConnected());
    QCOMPARE(line->ask(call).status, 200);

    // Its calls are not waited for each: whatever the speed of this computer, 500 of a second are exceeded by one who goes on.
    QElapsedTimer time;
    time.start();
    test::RawAnswer told;
    while (told.status != 429 && !time.hasExpired(30'000)) {
        const auto flooding = lineFrom("127.0.0.3");
        QVERIFY(flooding->send(call.repeated(2 * Allowed)));
        for (int i = 0; i < 2 * Allowed && told.status != 429; ++i) {
            told = flooding->read();
            QVERIFY2(told.status == 200 || told.status == 429, qPrintable(QString::number(told.status)));
        }
    }

    QCOMPARE(told.status, 429);
    QCOMPARE(told.headers.value("retry-after"), QByteArray("2"));
    const QJsonObject problem = QJsonDocument::fromJson(told.body).object();
    QCOMPARE(problem.value("code"_L1).toString(), u"API_RATE_LIMITED"_s);
    QCOMPARE(problem.value("retry_after_s"_L1).toInt(), 2);
    QCOMPARE(lineFrom("127.0.0.4")->ask(call).status, 200); // it is nobody else's
    const auto isLetInAgain = [&] { return lineFrom("127.0.0.3")->ask(call).status == 200; };
    QVERIFY(QTest::qWaitFor(isLetInAgain, 20'000));
}

/// What a server says of an address that guesses tokens comes back to the one behind the proxy, and is said of no other.
void TestHaproxy::aServersLimitOfAnAddressReachesIt()
{
    constexpr int RefusedExchanges = 20; ///< in a minute, at each of the two servers; fewer behind their start
    int guesses = 0;                     // one token, again and again, has a limit of its own
    const auto guess = [this, &guesses](const QByteArray &from) {
        const QByteArray body = test::jsonBytes(wire::toJson(wire::TokenRequest{u"guess %1"_s.arg(++guesses)}));
        return lineFrom(from)->ask(QByteArray("POST /v1/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size())
                                              + "\r\n\r\n" + body));
    };
    test::RawAnswer told;
    int refused = 0;
    while ((told = guess("127.0.0.5")).status == 401 || told.status == 400)
        QVERIFY(++refused <= 3 * RefusedExchanges);

    QCOMPARE(told.status, 429);
    QVERIFY2(refused >= 2, qPrintable(QString::number(refused)));
    const int seconds = told.headers.value("retry-after").toInt();
    QVERIFY2(seconds >= 1 && seconds <= 60, qPrintable(QString::number(seconds)));
    const QJsonObject problem = QJsonDocument::fromJson(told.body).object();
    QCOMPARE(problem.value("code"_L1).toString(), u"API_RATE_LIMITED"_s);
    QVERIFY(!problem.value("request_id"_L1).toString().isEmpty()); // a server's word, not the proxy's
    const int another = guess("127.0.0.6").status;
    QVERIFY2(another == 401 || another == 400, qPrintable(QString::number(another)));
}

void TestHaproxy::noServerAtAllIsSaidAsSuch()
{
    for (const int server : {0, 1})
        QCOMPARE(m_organisation.stopServer(server), 0);

    Answer answer;
    QVERIFY2(QTest::qWaitFor([&] { return !(answer = ask("GET", u"/v1/info"_s)).json.isEmpty(); }, 20'000), qPrintable(QString::number(answer.status)));
    QCOMPARE(answer.status, 503);
    QCOMPARE(answer.json.value("code"_L1).toString(), u"API_UNAVAILABLE"_s);
    QCOMPARE(answer.retryAfter, QByteArray("2"));

    QVERIFY2(m_organisation.restartServer(1), qPrintable(m_organisation.failure()));
    QVERIFY(QTest::qWaitFor([&] { return ask("GET", u"/v1/info"_s).status == 200; }, 20'000));
}

QTEST_GUILESS_MAIN(TestHaproxy)
#include "tst_haproxy.moc"
