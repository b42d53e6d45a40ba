#include "tests/faults/faultfolders.h"
#include "tests/support/serverrun.h"

#include <QFile>
#include <QTcpServer>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliPhoto;
using support::CliRun;

/// A server that never answers: what takes none is said all the same, and what waits stays in the queue.
class TestNoServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void filesThatAreNeverTriedAreSkippedAndPhotosWait();
    void aServerThatTakesTheCallAndSaysNothingIsNamed();
    void noServerIsSaidWhereNothingWasToBeSentToo();
    void aFolderThatAnotherServerHasIsInUse();
};

namespace {
QString closedPort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost); // closed again at the end
    return u"http://127.0.0.1:%1"_s.arg(server.serverPort());
}

QStringList uploadTo(const QString &address, const FaultFolders &folders)
{
    const QString tokenFile = QString::fromUtf8(folders.root()) + u"/token"_s;
    QFile token(tokenFile);
    token.open(QIODevice::WriteOnly);
    token.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    token.write("a-token");
    return {u"upload"_s, folders.sourceText(), u"--server"_s, address, u"--token-file"_s, tokenFile, u"--wait"_s, u"4s"_s};
}

QString told(const CliAnswer &answer, const QByteArray &path)
{
    const CliPhoto *photo = answer.photo(path);
    return photo ? photo->status + u' ' + photo->errorCode : u"nothing"_s;
}
}

void TestNoServer::filesThatAreNeverTriedAreSkippedAndPhotosWait()
{
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1));
    QVERIFY(folders.write("empty.jpg", {}));
    QVERIFY(folders.write("notes.txt", "a text"));
    CliRun cli(folders.data());

    const CliAnswer answer = cli.run(uploadTo(closedPort(), folders));

    QVERIFY2(answer.faults.isEmpty() && answer.summary, qPrintable(answer.toText()));
    QCOMPARE(told(answer, folders.path("empty.jpg")), u"skipped SELECTION_FILE_EMPTY"_s);
    QCOMPARE(told(answer, folders.path("notes.txt")), u"skipped SELECTION_NOT_ACCEPTED"_s);
    QCOMPARE(told(answer, folders.path("photo.jpg")), u"failed NETWORK_CONNECT_FAILED"_s);
    QCOMPARE(answer.exitCode, 3);
    QCOMPARE(folders.rows(u"queue_items WHERE state = 'queued'"_s), 1);
    QCOMPARE(folders.rows(u"fact_upload_attempts"_s), 0);
}

void TestNoServer::aServerThatTakesTheCallAndSaysNothingIsNamed()
{
    QTcpServer silent; // the kernel takes the connections, nobody reads them
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1));
    CliRun cli(folders.data());

    const CliAnswer answer = cli.run(uploadTo(u"http://127.0.0.1:%1"_s.arg(silent.serverPort()), folders));

    QVERIFY2(answer.faults.isEmpty() && answer.summary, qPrintable(answer.toText()));
    QCOMPARE(told(answer, folders.path("photo.jpg")), u"failed NETWORK_CONNECT_FAILED"_s);
    QCOMPARE(answer.exitCode, 3);
    QCOMPARE(folders.rows(u"queue_items WHERE state = 'queued'"_s), 1);
}

void TestNoServer::noServerIsSaidWhereNothingWasToBeSentToo()
{
    FaultFolders folders;
    QVERIFY(folders.write("notes.txt", "a text"));
    CliRun cli(folders.data());

    const CliAnswer answer = cli.run(uploadTo(closedPort(), folders));

    QVERIFY2(answer.faults.isEmpty() && answer.summary, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->skipped, 1);
    QCOMPARE(answer.exitCode, 3);
}

void TestNoServer::aFolderThatAnotherServerHasIsInUse()
{
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1));
    support::ServerRun byHand(folders.server());
    QVERIFY(byHand.start());
    CliRun cli(folders.data());

    const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText(), u"--wait"_s, u"3s"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.summary, qPrintable(answer.toText()));
    QCOMPARE(told(answer, folders.path("photo.jpg")), u"failed LOCAL_LIST_BUSY"_s);
    QCOMPARE(answer.exitCode, 4);
}

QTEST_GUILESS_MAIN(TestNoServer)
#include "tst_noserver.moc"
