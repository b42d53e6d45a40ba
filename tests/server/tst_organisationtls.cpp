#include "tests/support/clirun.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"
#include "tests/support/testcertificate.h"
#include "tests/support/trustingprogram.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QProcess>
#include <QSignalSpy>
#include <QSslConfiguration>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace Qt::StringLiterals;
using namespace photolift::support;

/// A small organisation's server (SQLite and a folder) as its clients and its monitoring see it: TLS of its own, metrics, a new certificate
/// without a restart.
class TestOrganisationTls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void photosArriveOverTls();
    void nothingIsAnsweredInTheClear();
    void metricsCountTheRequests();
    void metricsAreNotAmongTheClientsRoutes();
    void newCertificateIsTakenWithoutRestart();
    void badCertificateLeavesTheOldOne();
    void checkNamesBadCertificate();
    void stopsInOrder();

private:
    struct Answer {
        int status = 0;
        QByteArray body;
        QByteArray certificate; ///< the peer's
    };
    Answer get(const QUrl &url, const TestCertificate &trusted);
    void keep(const TestCertificate &certificate);
    QByteArray command(const QStringList &words);
    bool waitForLine(const QByteArray &words);

    QTemporaryDir m_folder;
    TestCertificate m_certificate = makeTestCertificate();
    QString m_trustingCli;
    QProcess m_server;
    QUrl m_address;
    QUrl m_metrics;
    QByteArray m_log;
    int m_lastExit = -1;
};

void TestOrganisationTls::keep(const TestCertificate &certificate)
{
    for (const auto &[name, content] : {std::pair(u"server.crt"_s, certificate.pem), std::pair(u"server.key"_s, certificate.key.toPem())}) {
        QFile file(m_folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) && file.write(content) == content.size());
    }
}

QByteArray TestOrganisationTls::command(const QStringList &words)
{
    QProcess process;
    process.start(programFolder() + u"/photolift-server"_s, QStringList{u"--config"_s, m_folder.filePath(u"config.toml"_s)} + words);
    process.waitForFinished(60000);
    m_lastExit = process.exitCode();
    return process.readAllStandardOutput() + process.readAllStandardError();
}

TestOrganisationTls::Answer TestOrganisationTls::get(const QUrl &url, const TestCertificate &trusted)
{
    QNetworkAccessManager network; // a new one each time: a kept connection would keep its certificate
    QNetworkRequest request(url);
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setCaCertificates({trusted.certificate});
    request.setSslConfiguration(tls);
    const std::unique_ptr<QNetworkReply> reply(network.get(request));
    QSignalSpy finished(reply.get(), &QNetworkReply::finished);
    finished.wait(20000);
    return {reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), reply->readAll(), reply->sslConfiguration().peerCertificate().toDer()};
}

bool TestOrganisationTls::waitForLine(const QByteArray &words)
{
    while (!m_log.contains(words)) {
        if (!m_server.waitForReadyRead(20000))
            return false;
        m_log += m_server.readAllStandardError();
    }
    m_log.remove(0, m_log.indexOf(words) + words.size());
    return true;
}

void TestOrganisationTls::initTestCase()
{
    keep(m_certificate);
    m_trustingCli = makeTrustingProgram(m_folder.path(), programFolder() + u"/photolift-cli"_s, m_certificate.pem);
    QVERIFY(!m_trustingCli.isEmpty());
    QFile config(m_folder.filePath(u"config.toml"_s));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(uR"([server]
listen = "127.0.0.1:0"
data = "%1/data"
certificate_file = "%1/server.crt"
key_file = "%1/server.key"
metrics_listen = "127.0.0.1:0"
[database]
engine = "sqlite"
[store]
kind = "folder"
)"_s.arg(m_folder.path()).toUtf8());
    config.close();
    const QByteArray checked = command({u"check"_s});
    QVERIFY2(m_lastExit == 0, checked.constData());
    command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    QCOMPARE(m_lastExit, 0);

    m_server.setReadChannel(QProcess::StandardOutput);
    m_server.start(programFolder() + u"/photolift-server"_s, {u"--config"_s, config.fileName()});
    QByteArray ready;
    while (!ready.contains('\n')) {
        QVERIFY2(m_server.waitForReadyRead(30000), m_server.readAllStandardError().constData());
        ready += m_server.readAllStandardOutput();
    }
    const QJsonObject said = QJsonDocument::fromJson(ready).object();
    m_address = QUrl(said.value(u"address"_s).toString());
    m_metrics = QUrl(said.value(u"metrics"_s).toString());
    QCOMPARE(m_address.scheme(), u"https"_s);
    m_server.setReadChannel(QProcess::StandardError);
}

void TestOrganisationTls::photosArriveOverTls()
{
    const QString token = m_folder.filePath(u"token"_s);
    QFile file(token);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
    file.write(command({u"token"_s, u"create"_s, u"anna"_s}));
    file.close();
    const QString photos = m_folder.filePath(u"photos"_s);
    for (int i = 0; i < 3; ++i)
        writeJpeg(photos + u"/IMG_%1.JPG"_s.arg(i), i);
    const QStringList upload{u"upload"_s, photos, u"--server"_s, m_address.toString(), u"--token-file"_s, token};

    CliRun stranger(m_folder.filePath(u"stranger"_s)); // does not trust this certificate, and sends nothing
    const CliAnswer refused = stranger.run(upload + QStringList{u"--wait"_s, u"3s"_s});
    QVERIFY2(refused.exitCode == 3, qPrintable(refused.toText()));
    QCOMPARE(refused.count("succeeded"_L1), 0);

    CliRun anna(m_folder.filePath(u"anna"_s), m_trustingCli);
    const CliAnswer answer = anna.run(upload);
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 3, qPrintable(answer.toText()));
}

void TestOrganisationTls::nothingIsAnsweredInTheClear()
{
    QUrl clear = m_address;
    clear.setScheme(u"http"_s);
    clear.setPath(u"/healthz"_s);
    QCOMPARE(get(clear, m_certificate).status, 0);
    clear.setScheme(u"https"_s);
    QCOMPARE(get(clear, m_certificate).status, 200);
}

void TestOrganisationTls::metricsCountTheRequests()
{
    const Answer page = get(m_metrics, m_certificate);
    QCOMPARE(page.status, 200);
    QVERIFY2(page.body.contains("photolift_http_requests_total{route=\"POST /v1/token\",status=\"200\"} 1\n"), page.body.constData());
    QVERIFY2(page.body.contains("photolift_queue_jobs 0\n"), page.body.constData());
}

void TestOrganisationTls::metricsAreNotAmongTheClientsRoutes()
{
    QUrl url = m_address;
    url.setPath(u"/metrics"_s);
    QCOMPARE(get(url, m_certificate).status, 401);
}

void TestOrganisationTls::newCertificateIsTakenWithoutRestart()
{
    QUrl url = m_address;
    url.setPath(u"/healthz"_s);
    QCOMPARE(get(url, m_certificate).certificate, m_certificate.certificate.toDer());
    const TestCertificate next = makeTestCertificate();
    keep(next);

    ::kill(static_cast<pid_t>(m_server.processId()), SIGHUP);

    QVERIFY(waitForLine("were read anew"));
    QCOMPARE(get(url, next).certificate, next.certificate.toDer());
    m_certificate = next;
}

void TestOrganisationTls::badCertificateLeavesTheOldOne()
{
    QUrl url = m_address;
    url.setPath(u"/healthz"_s);
    keep(makeTestCertificate(-2, -1));

    ::kill(static_cast<pid_t>(m_server.processId()), SIGHUP);

    QVERIFY(waitForLine("the certificate has expired"));
    QCOMPARE(get(url, m_certificate).status, 200);
}

void TestOrganisationTls::checkNamesBadCertificate()
{
    const QByteArray said = command({u"check"_s});
    QCOMPARE(m_lastExit, 1);
    QVERIFY2(said.contains("NETWORK_IDENTITY_UNTRUSTED") && said.contains("the certificate has expired"), said.constData());
}

void TestOrganisationTls::stopsInOrder()
{
    m_server.terminate();
    QVERIFY(m_server.waitForFinished(30000));
    QCOMPARE(m_server.exitCode(), 0);
}

QTEST_GUILESS_MAIN(TestOrganisationTls)
#include "tst_organisationtls.moc"
