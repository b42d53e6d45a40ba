#include "app/server/http/exchange.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include <csignal>

using namespace Qt::StringLiterals;
using namespace photolift::server;

namespace {
const QByteArray ParentToken = "0123456789abcdef0123456789abcdef";

/// photolift-server as a process of its own.
struct Server {
    QProcess process;
    QUrl address;
    QByteArray log;

    explicit Server(const QString &data, bool isChild, const QStringList &more = {})
    {
        if (!isChild)
            process.setStandardInputFile(QProcess::nullDevice());
        process.start(qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-server"_s,
                      QStringList{u"--embedded"_s, u"--data"_s, data, u"--listen"_s, u"127.0.0.1:0"_s} + more);
        if (isChild)
            process.write(ParentToken + '\n');
    }
    ~Server()
    {
        if (process.state() != QProcess::NotRunning) {
            process.kill();
            process.waitForFinished();
        }
    }
    QJsonObject firstLine()
    {
        while (!process.canReadLine() && process.waitForReadyRead(20000)) {
        }
        return QJsonDocument::fromJson(process.readLine()).object();
    }
    bool isReady()
    {
        address = QUrl(firstLine().value("address"_L1).toString());
        return address.port() > 0;
    }
    int statusWith(const QByteArray &token, const QString &path = u"/v1/info"_s) const
    {
        QNetworkAccessManager network;
        QUrl info = address;
        info.setPath(path);
        info.setQuery(u"X-Amz-Signature=secretvalue"_s);
        QNetworkRequest request(info);
        request.setRawHeader("Authorization", "Bearer " + token);
        QNetworkReply *reply = network.get(request);
        QSignalSpy finished(reply, &QNetworkReply::finished);
        if (!finished.wait(10000))
            return 0;
        reply->deleteLater();
        return reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    }
    bool ended() { return process.state() == QProcess::NotRunning || process.waitForFinished(15000); }
};
}

/// The program as others start it.
class EmbeddedProgramTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void childTakesTheTokenAndEndsWithItsInput();
    void childWithoutATokenDoesNotServe();
    void whoHasNoTokenGetsNothing();
    void startedByHandItMakesATokenFile();
    void tokenFileIsWrittenWhereAsked();
    void onlyOneServerOnAFolder();
    void killedServerLeavesTheFolderFree();
    void signalsEndIt_data();
    void signalsEndIt();
    void wrongUsageIsExplained_data();
    void wrongUsageIsExplained();
    void logIsJsonLinesWithoutSecrets();
    void logIsKeptInTheFolderAsked();
};

void EmbeddedProgramTest::childTakesTheTokenAndEndsWithItsInput()
{
    QTemporaryDir folder;
    Server server(folder.filePath(u"new/data"_s), true);
    QVERIFY(server.isReady());
    QCOMPARE(server.address.host(), u"127.0.0.1"_s);

    QCOMPARE(server.statusWith(ParentToken), 200);
    QCOMPARE(server.statusWith("another token of some length...."), 401);
    QVERIFY(!QFile::exists(folder.filePath(u"new/data/token"_s)));
    server.process.write("what a parent says later is ignored\n");
    QCOMPARE(server.statusWith(ParentToken), 200);

    server.process.closeWriteChannel();
    QVERIFY(server.ended());
    QCOMPARE(server.process.exitCode(), 0);
}

void EmbeddedProgramTest::childWithoutATokenDoesNotServe()
{
    QTemporaryDir folder;
    QProcess process;
    process.start(qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-server"_s, {u"--embedded"_s, u"--data"_s, folder.path()});
    process.write("short\n");

    QVERIFY(process.waitForFinished(15000));
    QCOMPARE(process.exitCode(), 1);
    QVERIFY(!process.readAllStandardOutput().contains("address"));
}

void EmbeddedProgramTest::whoHasNoTokenGetsNothing()
{
    QTemporaryDir folder;
    Server server(folder.path(), true);
    QVERIFY(server.isReady());

    for (const RouteRight &right : allRights()) {
        if (right.method == "GET"_ba) {
            const int status = server.statusWith("another token of some length....", QString::fromLatin1(right.pattern));
            QVERIFY2(status >= 400 && status < 500, qPrintable(u"%1: %2"_s.arg(QLatin1StringView(right.pattern)).arg(status)));
        }
        if (right.access == Access::Open) { // x-not-embedded in resources/openapi.yaml
            QCOMPARE(server.statusWith({}, QString::fromLatin1(right.pattern)), 401);
            QCOMPARE(server.statusWith(ParentToken, QString::fromLatin1(right.pattern)), 404);
        }
    }
}

void EmbeddedProgramTest::startedByHandItMakesATokenFile()
{
    QTemporaryDir folder;
    QByteArray first;
    for (int start = 0; start < 2; ++start) {
        Server server(folder.path(), false);
        QVERIFY(server.isReady());
        QFile file(folder.filePath(u"token"_s));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(QFileInfo(file).permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
        const QByteArray token = file.readAll().trimmed();
        QCOMPARE(token.size(), 64);
        QVERIFY(token != first); // a fresh one each time
        first = token;
        QCOMPARE(server.statusWith(token), 200);
        QCOMPARE(server.statusWith({}), 401);
    }
}

void EmbeddedProgramTest::tokenFileIsWrittenWhereAsked()
{
    QTemporaryDir folder;
    const QString file = folder.filePath(u"my-token"_s);
    Server server(folder.filePath(u"data"_s), false, {u"--token-file"_s, file});
    QVERIFY(server.isReady());

    QVERIFY(QFile::exists(file));
    QVERIFY(!QFile::exists(folder.filePath(u"data/token"_s)));
}

void EmbeddedProgramTest::onlyOneServerOnAFolder()
{
    QTemporaryDir folder;
    Server first(folder.path(), true);
    QVERIFY(first.isReady());

    Server second(folder.path(), true);
    QCOMPARE(second.firstLine().value("error_code"_L1).toString(), u"LOCAL_LIST_BUSY"_s);
    QVERIFY(second.ended());
    QCOMPARE(second.process.exitCode(), 4);
    QCOMPARE(first.statusWith(ParentToken), 200);
}

void EmbeddedProgramTest::killedServerLeavesTheFolderFree()
{
    QTemporaryDir folder;
    for (int life = 0; life < 3; ++life) {
        Server server(folder.path(), true);
        QVERIFY(server.isReady());
        server.process.kill();
        QVERIFY(server.ended());
    }
}

void EmbeddedProgramTest::signalsEndIt_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGINT") << SIGINT;
}

void EmbeddedProgramTest::signalsEndIt()
{
    QFETCH(int, signal);
    QTemporaryDir folder;
    Server server(folder.path(), true);
    QVERIFY(server.isReady());

    ::kill(static_cast<pid_t>(server.process.processId()), signal);

    QVERIFY(server.ended());
    QCOMPARE(server.process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(server.process.exitCode(), 0);
}

void EmbeddedProgramTest::wrongUsageIsExplained_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("nothing") << QStringList();
    QTest::newRow("no folder") << QStringList{u"--embedded"_s};
    QTest::newRow("unknown option") << QStringList{u"--embedded"_s, u"--data"_s, u"x"_s, u"--nonsense"_s};
    QTest::newRow("whole network") << QStringList{u"--embedded"_s, u"--data"_s, u"x"_s, u"--listen"_s, u"0.0.0.0:0"_s};
    QTest::newRow("no port") << QStringList{u"--embedded"_s, u"--data"_s, u"x"_s, u"--listen"_s, u"127.0.0.1"_s};
    QTest::newRow("port too large") << QStringList{u"--embedded"_s, u"--data"_s, u"x"_s, u"--listen"_s, u"127.0.0.1:70000"_s};
}

void EmbeddedProgramTest::wrongUsageIsExplained()
{
    QFETCH(QStringList, arguments);
    QTemporaryDir folder;
    QProcess process;
    process.setWorkingDirectory(folder.path());
    process.start(qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-server"_s, arguments);

    QVERIFY(process.waitForFinished(15000));
    QCOMPARE(process.exitCode(), 2);
    QVERIFY(process.readAllStandardError().contains("--listen"));
    QVERIFY(!QFile::exists(folder.filePath(u"x"_s)));
}

void EmbeddedProgramTest::logIsJsonLinesWithoutSecrets()
{
    QTemporaryDir folder;
    Server server(folder.path(), true);
    QVERIFY(server.isReady());
    QCOMPARE(server.statusWith(ParentToken), 200);
    server.process.closeWriteChannel();
    QVERIFY(server.ended());

    const QByteArray log = server.process.readAllStandardError();
    bool isRequestSeen = false;
    for (const QByteArray &line : log.split('\n')) {
        if (line.isEmpty())
            continue;
        const QJsonObject object = QJsonDocument::fromJson(line).object();
        QVERIFY2(object.contains("category"_L1), line.constData());
        isRequestSeen = isRequestSeen || (object.value("path"_L1) == u"/v1/info"_s && !object.value("request_id"_L1).toString().isEmpty());
    }
    QVERIFY(isRequestSeen);
    QVERIFY(!log.contains(ParentToken));
    QVERIFY(!log.contains("secretvalue"));
}

void EmbeddedProgramTest::logIsKeptInTheFolderAsked()
{
    QTemporaryDir folder;
    Server server(folder.filePath(u"data"_s), true, {u"--logs"_s, folder.filePath(u"logs"_s)});
    QVERIFY(server.isReady());
    QCOMPARE(server.statusWith("another token of some length...."), 401);
    Server second(folder.filePath(u"data"_s), true, {u"--logs"_s, folder.filePath(u"logs"_s)});
    QVERIFY(second.ended());
    server.process.closeWriteChannel();
    QVERIFY(server.ended());

    QFile file(folder.filePath(u"logs/server.log"_s));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray log = file.readAll();
    QVERIFY(log.contains("\"path\":\"/v1/info\""));
    QVERIFY(log.contains("\"stopping\""));
    // What is worth a warning is said to the parent too, which may have to tell why its child is gone; as where there is no sandbox.
    for (const QByteArray &line : server.process.readAllStandardError().split('\n'))
        QVERIFY2(line.isEmpty() || (line.contains("\"level\":\"warning\"") && log.contains(line)), line.constData());
    const QByteArray said = second.process.readAllStandardError();
    QVERIFY2(said.contains("LOCAL_LIST_BUSY") && log.contains(said.trimmed()), said.constData());
}

QTEST_GUILESS_MAIN(EmbeddedProgramTest)
#include "tst_embeddedprogram.moc"
