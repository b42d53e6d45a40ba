#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"
#include "tests/server/apirig.h"
#include "tests/support/clirun.h"
#include "tests/support/crowd.h"
#include "tests/support/nginxrun.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallorganisation.h"
#include "tests/support/smallphotos.h"
#include "tests/support/trustingprogram.h"

#include <QDirIterator>
#include <QFile>
#include <QJsonDocument>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSslConfiguration>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;

namespace {

/// Desktops that wait for changes, with more connections than nginx has, call after call until they are told to end. On a thread of its own.
class Pressing
{
    Q_DISABLE_COPY_MOVE(Pressing)
public:
    Pressing(const NginxRun &nginx, Crowd::Request wait, int desktops)
        : m_wait(std::move(wait))
        , m_thread([this, authority = nginx.certificate().pem, desktops] {
            Crowd crowd(authority);
            for (int i = 0; i < desktops; ++i)
                press(crowd);
            crowd.run();
        })
    {
    }
    ~Pressing() { end(); }

    void end()
    {
        m_isOver = true;
        if (m_thread.joinable())
            m_thread.join();
    }

    std::atomic<int> waited = 0, later = 0, closed = 0;
    QStringList faults; ///< once it has ended

private:
    Crowd::Client press(Crowd &crowd)
    {
        while (!m_isOver) {
            const Crowd::Answer answer = co_await crowd.ask(m_wait);
            const QJsonObject problem = QJsonDocument::fromJson(answer.body).object();
            if (answer.status == 200)
                ++waited;
            else if (answer.status == 0)
                ++closed;
            else if (answer.status == 503 && answer.headers.value("retry-after").toInt() > 0 && problem.value("code"_L1) == "API_UNAVAILABLE"_L1
                     && answer.headers.value("content-type") == "application/problem+json")
                ++later;
            else if (faults.size() < 20)
                faults.append(u"%1 %2"_s.arg(answer.status).arg(QString::fromUtf8(answer.body.left(200))));
            if (answer.status != 200)
                co_await crowd.pause(std::chrono::milliseconds(500));
        }
    }

    const Crowd::Request m_wait;
    std::atomic<bool> m_isOver = false;
    std::thread m_thread;
};

/// Answers each call with one of its server's problems; what a real server does not do when it is told to.
class TroubledServer : public QTcpServer
{
public:
    explicit TroubledServer(int status)
        : body(QByteArray("{\"type\":\"about:blank\",\"title\":\"Trouble\",\"status\":") + QByteArray::number(status)
               + ",\"code\":\"API_SERVER_ERROR\",\"request_id\":\"its own\"}")
    {
        connect(this, &QTcpServer::newConnection, this, [this, status] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [this, socket, status] {
                socket->readAll();
                socket->write("HTTP/1.1 " + QByteArray::number(status) + " Trouble\r\nContent-Type: application/problem+json\r\nRetry-After: 7\r\nContent-Length: "
                              + QByteArray::number(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
                socket->disconnectFromHost();
            });
        });
    }
    const QByteArray body;
};

} // namespace

/// The packaged site of nginx when there is no connection left, to it or from it to a server.
class TestFullNginx : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFullOneSaysLaterAndPhotosEndAllTheSame();
    void whatAServerSaysItselfStays_data();
    void whatAServerSaysItselfStays();

private:
    struct Answer {
        int status = 0;
        QByteArray retryAfter;
        QByteArray body;
    };
    Answer ask(const NginxRun &nginx, const QByteArray &verb, const QString &path, const QJsonObject &json = {}, const QByteArray &token = {});

    QTemporaryDir m_folder;
    QNetworkAccessManager m_network;
};

TestFullNginx::Answer TestFullNginx::ask(const NginxRun &nginx, const QByteArray &verb, const QString &path, const QJsonObject &json, const QByteArray &token)
{
    QUrl url = nginx.address();
    url.setPath(path);
    QNetworkRequest request(url);
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setCaCertificates({nginx.certificate().certificate});
    request.setSslConfiguration(tls);
    request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    request.setRawHeader("Idempotency-Key", idText(newUuid7()).toLatin1());
    if (!token.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + token);
    const std::unique_ptr<QNetworkReply> reply(m_network.sendCustomRequest(request, verb, json.isEmpty() ? QByteArray() : test::jsonBytes(json)));
    QSignalSpy finished(reply.get(), &QNetworkReply::finished);
    if (!reply->isFinished())
        (void)finished.wait(60'000);
    return {reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), reply->rawHeader("Retry-After"), reply->readAll()};
}

void TestFullNginx::aFullOneSaysLaterAndPhotosEndAllTheSame()
{
    constexpr int Connections = 64; // of each of two workers
    constexpr int Desktops = 160;   // with two connections each
    constexpr int Photos = 8;
    SmallOrganisation organisation;
    organisation.addToServer(u"trusted_proxies = [\"127.0.0.1\"]\n"_s); // its links are https, as the calls
    QVERIFY2(organisation.start(), qPrintable(organisation.failure()));
    QVERIFY2(organisation.addPerson(u"anna"_s), qPrintable(organisation.failure()));
    const QByteArray deviceToken = organisation.tokenFor(u"anna"_s);
    NginxRun nginx(Connections);
    QVERIFY2(nginx.start({organisation.address().port()}), qPrintable(nginx.failure()));
    const Answer signedIn = ask(nginx, "POST", u"/v1/token"_s, wire::toJson(wire::TokenRequest{QString::fromLatin1(deviceToken)}));
    QCOMPARE(signedIn.status, 200);
    const QByteArray token = QJsonDocument::fromJson(signedIn.body).object().value("access_token"_L1).toString().toLatin1();
    const Answer asked = ask(nginx, "POST", u"/v1/uploads"_s, wire::toJson(test::photoOf(100).question), token);
    const Result<wire::Offer> offer = wire::offerFromJson(QJsonDocument::fromJson(asked.body).object());
    QVERIFY2(offer, asked.body.constData());
    Crowd::Request wait;
    wait.url = nginx.address();
    wait.url.setPath(u"/v1/status"_s);
    wait.headers = {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}};
    wait.body = test::jsonBytes(wire::toJson(wire::StatusQuery{{{offer->uploadId, 1'000'000}}, 5}));
    const QString photos = m_folder.filePath(u"photos"_s);
    for (int i = 0; i < Photos; ++i)
        writeJpeg(photos + u"/IMG_%1.JPG"_s.arg(i), i);
    QFile tokenFile(m_folder.filePath(u"token"_s));
    QVERIFY(tokenFile.open(QIODevice::WriteOnly) && tokenFile.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
    tokenFile.write(deviceToken);
    tokenFile.close();
    const QString program = makeTrustingProgram(m_folder.path(), programFolder() + u"/photolift-cli"_s, nginx.certificate().pem);
    QVERIFY(!program.isEmpty());
    CliRun cli(m_folder.filePath(u"anna"_s), program);
    const auto wasTold = [&cli] {
        QDirIterator logs(cli.dataFolder(), {u"photolift.log"_s}, QDir::Files, QDirIterator::Subdirectories);
        while (logs.hasNext()) {
            QFile log(logs.next());
            static const QRegularExpression Told(u"API_UNAVAILABLE|TRANSFER_CONNECTION_LOST"_s);
            if (log.open(QIODevice::ReadOnly) && QString::fromUtf8(log.readAll()).contains(Told))
                return true;
        }
        return false;
    };

    Pressing pressing(nginx, wait, Desktops);
    QVERIFY(QTest::qWaitFor([&] { return pressing.later > 0 && pressing.closed > 0; }, 60'000));
    QVERIFY(cli.start({u"upload"_s, photos, u"--server"_s, nginx.address().toString(), u"--token-file"_s, tokenFile.fileName()}));
    const bool isTold = QTest::qWaitFor(wasTold, 60'000);
    pressing.end();
    const CliAnswer answer = cli.finish();

    qInfo("%d waits, %d x 503, %d closed", pressing.waited.load(), pressing.later.load(), pressing.closed.load());
    QVERIFY2(pressing.faults.isEmpty(), qPrintable(pressing.faults.join(u'\n')));
    QVERIFY(pressing.waited > 0);
    QVERIFY(isTold);
    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.count("succeeded"_L1), Photos);
}

void TestFullNginx::whatAServerSaysItselfStays_data()
{
    QTest::addColumn<int>("status");
    for (const int status : {429, 500, 502, 503, 504, 507})
        QTest::addRow("%d", status) << status;
}

void TestFullNginx::whatAServerSaysItselfStays()
{
    QFETCH(int, status);
    TroubledServer server(status);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    NginxRun nginx;
    QVERIFY2(nginx.start({server.serverPort()}), qPrintable(nginx.failure()));

    const Answer answer = ask(nginx, "GET", u"/v1/info"_s);

    QCOMPARE(answer.status, status);
    QCOMPARE(answer.body, server.body);
    QCOMPARE(answer.retryAfter, QByteArray("7"));
}

QTEST_GUILESS_MAIN(TestFullNginx)
#include "tst_fullnginx.moc"
