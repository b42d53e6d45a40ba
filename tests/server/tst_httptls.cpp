#include "tests/server/httprig.h"
#include "tests/server/tlsclient.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcertificate.h"

#include <QProcess>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>

#include <openssl/ssl.h>

#include <atomic>
#include <set>
#include <thread>

using namespace photolift;
using namespace photolift::server;
using photolift::support::makeTestCertificate;
using photolift::support::TestCertificate;
using photolift::test::RawAnswer;
using photolift::test::RawClient;
using photolift::test::TlsClient;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// The two files of a server's identity, which can be replaced as an administrator's tool does it.
class Identity
{
public:
    TlsFiles files() const { return {path(u"server.pem"_s), path(u"server.key"_s)}; }
    QString path(const QString &name) const { return m_folder.filePath(name); }
    void put(const TestCertificate &pair) const { put(pair.pem, pair.key.toPem()); }
    void put(const QByteArray &certificate, const QByteArray &key) const
    {
        write(files().certificate, certificate);
        write(files().key, key);
    }

private:
    static void write(const QString &name, const QByteArray &bytes)
    {
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        QCOMPARE(file.write(bytes), bytes.size());
    }
    QTemporaryDir m_folder;
};

HttpServer::Options optionsFor(const Identity &identity)
{
    HttpServer::Options options;
    options.tls = identity.files();
    return options;
}

struct Run {
    int exitCode = -1;
    QByteArray output;
};
Run run(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::SeparateChannels);
    process.start(program, arguments);
    return process.waitForFinished(30000) ? Run{process.exitCode(), process.readAllStandardOutput()} : Run{};
}

}

/// The listener with a certificate and a key: who gets in, what is refused, and a new pair while it works.
class HttpTlsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void curlTrustsTheChainOfItsAuthority();
    void requestsAndBodiesOfAllKindsPass();
    void refusalOfABodyThatIsStillComingArrives();
    void oldProtocolsAreRefused_data();
    void oldProtocolsAreRefused();
    void slowHandshakeIsDropped();
    void plainRequestGetsNowhere();
    void badPairIsRefusedAtTheStart_data();
    void badPairIsRefusedAtTheStart();
    void badNewPairKeepsTheOld();
    void reloadUnderLoadFailsNoRequest();
    void tooManyConnectionsAreTold();
    void originIsJudgedByWhatTheClientDialled();
};

void HttpTlsTest::curlTrustsTheChainOfItsAuthority()
{
    const Identity identity;
    const QStringList newKey{u"req"_s, u"-x509"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s, u"ec_paramgen_curve:P-256"_s, u"-nodes"_s, u"-days"_s, u"2"_s};
    const auto issue = [&](const QString &name, const QString &issuer, const QStringList &extensions) {
        QStringList arguments = newKey + QStringList{u"-subj"_s, u"/CN="_s + name, u"-keyout"_s, identity.path(name + u".key"_s), u"-out"_s, identity.path(name + u".pem"_s)};
        if (!issuer.isEmpty())
            arguments += {u"-CA"_s, identity.path(issuer + u".pem"_s), u"-CAkey"_s, identity.path(issuer + u".key"_s)};
        for (const QString &extension : extensions)
            arguments += {u"-addext"_s, extension};
        return run(u"openssl"_s, arguments).exitCode == 0;
    };
    QVERIFY(issue(u"authority"_s, {}, {}));
    QVERIFY(issue(u"between"_s, u"authority"_s, {}));
    QVERIFY(issue(u"server"_s, u"between"_s, {u"subjectAltName=IP:127.0.0.1"_s, u"basicConstraints=critical,CA:FALSE"_s}));
    QFile between(identity.path(u"between.pem"_s));
    QFile chain(identity.path(u"server.pem"_s));
    QVERIFY(between.open(QIODevice::ReadOnly) && chain.open(QIODevice::Append));
    chain.write(between.readAll());
    chain.close();
    const HttpRig rig(optionsFor(identity));
    QVERIFY(rig.port != 0);
    const QString url = u"https://127.0.0.1:%1/healthz"_s.arg(rig.port);

    const Run trusting = run(u"curl"_s, {u"-s"_s, u"--cacert"_s, identity.path(u"authority.pem"_s), u"-w"_s, u"%{http_code} %{ssl_verify_result}"_s, url});
    const Run stranger = run(u"curl"_s, {u"-s"_s, url});

    QCOMPARE(trusting.exitCode, 0);
    QCOMPARE(trusting.output, QByteArray("200 0"));
    QCOMPARE(stranger.exitCode, 60); // curl: the certificate cannot be verified
    QCOMPARE(rig.calls.load(), 1);
}

void HttpTlsTest::requestsAndBodiesOfAllKindsPass()
{
    const Identity identity;
    const TestCertificate pair = makeTestCertificate();
    identity.put(pair);
    HttpRig rig(optionsFor(identity));
    TlsClient client(rig.port, pair.pem);
    QCOMPARE(client.protocol(), QByteArray("TLSv1.3"));

    QByteArray large(1024 * 1024, 'l'); // the route's limit: many records
    QCOMPARE(client.ask(rig.post("small")).body, QByteArray("small"));
    QCOMPARE(client.ask(rig.post(large)).body, large);
    const QByteArray chunked = rig.head("POST /echo", "Transfer-Encoding: chunked\r\n") + "5\r\nchunk\r\n0\r\n\r\n";
    QCOMPARE(client.ask(chunked).body, QByteArray("chunk"));
    QByteArray part(5 * 1024 * 1024 + 17, '\0');
    for (qsizetype i = 0; i < part.size(); ++i)
        part[i] = static_cast<char>(i * 31 / 7);
    QVERIFY(client.send(rig.head("PUT /sink/a", "Expect: 100-continue\r\nContent-Length: " + QByteArray::number(part.size()) + "\r\n", false)));
    QCOMPARE(client.read().status, 100);
    QCOMPARE(client.ask(part).status, 200);
    QCOMPARE(rig.diary.read(&SinkDiary::bytes), part);
    QVERIFY(client.send(rig.head("GET /wait")));
    QTRY_COMPARE(rig.waitingCount(), 1);
    rig.takeWaiting()(jsonResponse(200, {{u"late"_s, true}}));
    QCOMPARE(client.read().body, QByteArray("{\"late\":true}"));
}

void HttpTlsTest::refusalOfABodyThatIsStillComingArrives()
{
    const Identity identity;
    const TestCertificate pair = makeTestCertificate();
    identity.put(pair);
    const HttpRig rig(optionsFor(identity));
    TlsClient client(rig.port, pair.pem);

    // More than the buffers of both sockets: the server has to take it although it does not want it.
    const QByteArray part(12 * 1024 * 1024, 'x');
    const QByteArray head = rig.head("PUT /sink/a?refuse", "Content-Length: " + QByteArray::number(part.size()) + "\r\n", false);

    QVERIFY(client.send(QByteArray(head + part)));
    QCOMPARE(client.read().status, 403);
}

void HttpTlsTest::oldProtocolsAreRefused_data()
{
    QTest::addColumn<int>("protocol");
    QTest::addColumn<bool>("isServed");
    QTest::newRow("TLS 1.0") << TLS1_VERSION << false;
    QTest::newRow("TLS 1.1") << TLS1_1_VERSION << false;
    QTest::newRow("TLS 1.2") << TLS1_2_VERSION << true;
    QTest::newRow("TLS 1.3") << TLS1_3_VERSION << true;
}

void HttpTlsTest::oldProtocolsAreRefused()
{
    QFETCH(int, protocol);
    QFETCH(bool, isServed);
    const Identity identity;
    const TestCertificate pair = makeTestCertificate();
    identity.put(pair);
    const HttpRig rig(optionsFor(identity));

    TlsClient client(rig.port, pair.pem, protocol);

    QCOMPARE(client.isConnected(), isServed);
    QCOMPARE(client.ask(rig.post("x")).status, isServed ? 200 : 0);
}

void HttpTlsTest::slowHandshakeIsDropped()
{
    const Identity identity;
    const TestCertificate pair = makeTestCertificate();
    identity.put(pair);
    HttpServer::Options options = optionsFor(identity);
    options.headerDeadline = 500ms;
    const HttpRig rig(options);
    const auto begin = std::chrono::steady_clock::now();

    RawClient silent(rig.port);
    RawClient dripping(rig.port);
    const QByteArray hello = QByteArray::fromHex("1603010200010001fc0303") + QByteArray(501, '\x55');
    bool isCut = false;
    for (qsizetype i = 0; i < hello.size() && !isCut; ++i)
        isCut = !dripping.send(QByteArrayView(hello).sliced(i, 1)) || dripping.isClosedWithin(10ms);

    QVERIFY(isCut);
    QVERIFY(silent.isClosedWithin(5s));
    QVERIFY(std::chrono::steady_clock::now() - begin < 4s);
    TlsClient honest(rig.port, pair.pem);
    QCOMPARE(honest.ask(rig.post("x")).status, 200);
}

void HttpTlsTest::plainRequestGetsNowhere()
{
    const Identity identity;
    identity.put(makeTestCertificate());
    const HttpRig rig(optionsFor(identity));

    QCOMPARE(RawClient(rig.port).ask(rig.post("secret")).status, 0);
    QCOMPARE(rig.calls.load(), 0);
}

void HttpTlsTest::badPairIsRefusedAtTheStart_data()
{
    const TestCertificate good = makeTestCertificate();
    const TestCertificate expired = makeTestCertificate(-48, -24);
    const TestCertificate early = makeTestCertificate(24, 48);
    QTest::addColumn<QByteArray>("certificate");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QString>("reason");
    QTest::newRow("no certificate") << QByteArray() << good.key.toPem() << u"certificate file"_s;
    QTest::newRow("no key") << good.pem << QByteArray() << u"key file"_s;
    QTest::newRow("key with a passphrase") << good.pem << good.key.toPem("secret") << u"key file"_s;
    QTest::newRow("key of another certificate") << good.pem << early.key.toPem() << u"key file cannot be used: key values mismatch"_s;
    QTest::newRow("expired") << expired.pem << expired.key.toPem() << u"expired"_s;
    QTest::newRow("not valid yet") << early.pem << early.key.toPem() << u"not valid yet"_s;
}

void HttpTlsTest::badPairIsRefusedAtTheStart()
{
    QFETCH(QByteArray, certificate);
    QFETCH(QByteArray, key);
    QFETCH(QString, reason);
    const Identity identity;
    identity.put(certificate, key);
    HttpServer server(optionsFor(identity), {}, [](QByteArrayView) { return std::nullopt; });

    const Result<quint16> started = server.start();

    QVERIFY(!started);
    QCOMPARE(started.error().code, ErrorCode::NetworkIdentityUntrusted);
    QVERIFY2(started.error().detail.contains(reason), qPrintable(started.error().detail));
}

void HttpTlsTest::badNewPairKeepsTheOld()
{
    const Identity identity;
    const TestCertificate old = makeTestCertificate();
    identity.put(old);
    const HttpRig rig(optionsFor(identity));

    // As if only one of the two files had been replaced so far.
    identity.put(makeTestCertificate().pem, old.key.toPem());
    const Result<> reloaded = rig.server->reloadTls();

    QVERIFY(!reloaded);
    QVERIFY2(reloaded.error().detail.contains(u"mismatch"), qPrintable(reloaded.error().detail));
    TlsClient client(rig.port, old.pem);
    QCOMPARE(client.ask(rig.post("x")).status, 200);
}

void HttpTlsTest::reloadUnderLoadFailsNoRequest()
{
    const Identity identity;
    const TestCertificate pairs[] = {makeTestCertificate(), makeTestCertificate()};
    const QByteArray trusted = pairs[0].pem + pairs[1].pem;
    identity.put(pairs[0]);
    const HttpRig rig(optionsFor(identity));
    std::atomic<bool> isEnough = false;
    std::atomic<int> served = 0;
    std::atomic<int> failed = 0;
    std::mutex mutex; // guards seen
    std::set<QByteArray> seen;
    const auto connectAgainAndAgain = [&] {
        while (!isEnough) {
            TlsClient client(rig.port, trusted);
            for (int i = 0; i < 3; ++i)
                ++(client.ask(rig.post("x")).status == 200 ? served : failed);
            const std::lock_guard lock(mutex);
            if (client.isConnected())
                seen.insert(client.peerFingerprint());
        }
    };
    TlsClient kept(rig.port, trusted);
    const QByteArray keptIdentity = kept.peerFingerprint();
    std::vector<std::jthread> threads;
    const auto end = qScopeGuard([&isEnough] { isEnough = true; });
    for (int i = 0; i < 3; ++i)
        threads.emplace_back(connectAgainAndAgain);

    for (int i = 1; i <= 50; ++i) {
        identity.put(pairs[i % 2]);
        QVERIFY(rig.server->reloadTls());
        const int before = served;
        QTRY_VERIFY(served >= before + 6);
        QCOMPARE(kept.ask(rig.post("still here")).status, 200);
    }
    isEnough = true;
    threads.clear();

    QCOMPARE(failed.load(), 0);
    QCOMPARE(seen.size(), std::size_t{2});
    QCOMPARE(kept.peerFingerprint(), keptIdentity);
}

void HttpTlsTest::tooManyConnectionsAreTold()
{
    const Identity identity;
    const TestCertificate pair = makeTestCertificate();
    identity.put(pair);
    HttpServer::Options options = optionsFor(identity);
    options.maxConnections = 1;
    const HttpRig rig(options);
    TlsClient first(rig.port, pair.pem);
    QCOMPARE(first.ask(rig.post("x")).status, 200);

    TlsClient second(rig.port, pair.pem);

    QCOMPARE(second.ask(rig.post("x")).status, 503);
}

void HttpTlsTest::originIsJudgedByWhatTheClientDialled()
{
    const Identity identity;
    const TestCertificate pair = makeTestCertificate();
    identity.put(pair);
    const HttpRig rig(optionsFor(identity));
    TlsClient client(rig.port, pair.pem);
    const QByteArray host = "127.0.0.1:" + QByteArray::number(rig.port);

    QCOMPARE(client.ask(rig.head("GET /healthz", "Origin: https://" + host + "\r\n")).status, 200);
    QCOMPARE(client.ask(rig.head("GET /healthz", "Origin: http://" + host + "\r\n")).status, 403);
}

QTEST_GUILESS_MAIN(HttpTlsTest)
#include "tst_httptls.moc"
