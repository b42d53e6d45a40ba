#include "models/transfer/embeddedserver.h"

#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using transfer::EmbeddedServer;

/// The life of the child, with a stand-in for the server.
class tst_EmbeddedServer final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void saysWhereItListensAndWithWhichToken();
    void endOfInputEndsIt();
    void killedServerComesBackWithAnotherToken();
    void serverThatDiesSaysWhy();
    void aFolderThatAnotherServerHasIsNamedAsThat();
    void signalsReachItThoughItsParentTakesThemOtherwise();
    void deathAfterDeathIsToldOnceAndNeverABusyLoop();
    void itsLogGoesWhereAsked();
    void failedStartsAreRepeated();
    void missingProgramIsReported();
    void deafServerIsKilled();

private:
    void behave(const QByteArray &mode);
    QByteArray contentOf(const QString &name) const;
    QList<QByteArray> lives() const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

void tst_EmbeddedServer::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    behave("serve");
}

void tst_EmbeddedServer::behave(const QByteArray &mode)
{
    QFile file(m_folder->filePath(u"mode"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(mode);
}

QByteArray tst_EmbeddedServer::contentOf(const QString &name) const
{
    QFile file(m_folder->filePath(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QList<QByteArray> tst_EmbeddedServer::lives() const
{
    return contentOf(u"lives"_s).trimmed().split('\n');
}

void tst_EmbeddedServer::saysWhereItListensAndWithWhichToken()
{
    EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path());
    QSignalSpy ready(&server, &EmbeddedServer::ready);

    server.start();
    server.start(); // a second start is nothing

    QVERIFY(ready.wait());
    QCOMPARE(ready.first().at(0).toUrl(), QUrl(u"http://127.0.0.1:5000"_s));
    const QByteArray token = ready.first().at(1).toByteArray();
    QCOMPARE(token.size(), 64);
    QCOMPARE(lives(), QList<QByteArray>{token});
    QVERIFY(server.processId() > 0);
}

void tst_EmbeddedServer::endOfInputEndsIt()
{
    {
        EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path());
        QSignalSpy ready(&server, &EmbeddedServer::ready);
        server.start();
        QVERIFY(ready.wait());
    }

    QCOMPARE(contentOf(u"ended"_s), "well\n");
    QCOMPARE(lives().size(), 1);
}

void tst_EmbeddedServer::killedServerComesBackWithAnotherToken()
{
    EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path());
    QSignalSpy ready(&server, &EmbeddedServer::ready);
    QSignalSpy died(&server, &EmbeddedServer::died);
    server.start();
    QVERIFY(ready.wait());

    ::kill(pid_t(server.processId()), SIGKILL);

    QTRY_COMPARE(ready.size(), 2);
    QCOMPARE(died.size(), 1);
    QCOMPARE(ready.last().at(0).toUrl(), QUrl(u"http://127.0.0.1:5001"_s));
    QVERIFY(ready.last().at(1) != ready.first().at(1));
}

void tst_EmbeddedServer::serverThatDiesSaysWhy()
{
    behave("die");
    EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path());
    QSignalSpy died(&server, &EmbeddedServer::died);

    server.start();

    QVERIFY(died.wait());
    const Error error = died.first().first().value<Error>();
    QCOMPARE(error.code, ErrorCode::ApiUnavailable);
    QVERIFY2(error.detail.contains(u"the cellar is flooded"_s), qPrintable(error.detail));
}

void tst_EmbeddedServer::aFolderThatAnotherServerHasIsNamedAsThat()
{
    behave("busy");
    EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path());
    QSignalSpy died(&server, &EmbeddedServer::died);

    server.start();

    QVERIFY(died.wait());
    QCOMPARE(died.first().first().value<Error>().code, ErrorCode::LocalListBusy);
}

void tst_EmbeddedServer::signalsReachItThoughItsParentTakesThemOtherwise()
{
    sigset_t signals;
    sigset_t before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    QCOMPARE(pthread_sigmask(SIG_BLOCK, &signals, &before), 0); // as the command line does
    EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path());
    QSignalSpy ready(&server, &EmbeddedServer::ready);
    QSignalSpy died(&server, &EmbeddedServer::died);
    server.start();
    const bool isReady = ready.wait();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    QVERIFY(isReady);
    const auto id = pid_t(server.processId());
    QVERIFY(::getpgid(id) != ::getpgrp()); // Ctrl+C in a terminal is for the parent, which still needs it for its goodbye

    ::kill(id, SIGTERM);

    QVERIFY(died.wait());
}

void tst_EmbeddedServer::deathAfterDeathIsToldOnceAndNeverABusyLoop()
{
    behave("die");
    EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path());
    QSignalSpy failing(&server, &EmbeddedServer::failing);
    QList<qint64> deaths; // milliseconds since the start
    QElapsedTimer clock;
    connect(&server, &EmbeddedServer::died, this, [&] { deaths.append(clock.elapsed()); });
    clock.start();

    server.start();

    QTRY_COMPARE_WITH_TIMEOUT(deaths.size(), 5, 30000);
    QCOMPARE(failing.size(), 1);
    const Error error = failing.first().first().value<Error>();
    QCOMPARE(error.code, ErrorCode::ApiUnavailable);
    QVERIFY2(error.detail.contains(u"4 times"_s), qPrintable(error.detail));
    QVERIFY2(error.detail.endsWith(u"the cellar is flooded; LOCAL_DISK_ERROR nothing can be kept here"_s), qPrintable(error.detail));
    for (int i = 1; i < deaths.size(); ++i) // each pause is twice the one before; a coarse timer may be a little early
        QVERIFY2(deaths[i] - deaths[i - 1] >= (250 << (i - 1)) * 9 / 10, qPrintable(QString::number(deaths[i] - deaths[i - 1])));
}

void tst_EmbeddedServer::itsLogGoesWhereAsked()
{
    EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path(), m_folder->filePath(u"logs"_s));
    QSignalSpy ready(&server, &EmbeddedServer::ready);

    server.start();

    QVERIFY(ready.wait());
    QCOMPARE(contentOf(u"logs-folder"_s), QFile::encodeName(m_folder->filePath(u"logs"_s)));
}

void tst_EmbeddedServer::failedStartsAreRepeated()
{
    behave("late");
    EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path());
    QSignalSpy ready(&server, &EmbeddedServer::ready);
    QSignalSpy died(&server, &EmbeddedServer::died);

    server.start();

    QTRY_COMPARE(ready.size(), 1);
    QCOMPARE(died.size(), 2);
    QCOMPARE(lives().size(), 3);
}

void tst_EmbeddedServer::missingProgramIsReported()
{
    EmbeddedServer server(m_folder->filePath(u"nothing-here"_s), m_folder->path());
    QSignalSpy died(&server, &EmbeddedServer::died);

    server.start();

    QTRY_VERIFY(died.size() >= 2); // and it goes on trying: the package may be under an update
    QCOMPARE(server.processId(), 0);
}

void tst_EmbeddedServer::deafServerIsKilled()
{
    behave("deaf");
    qint64 process = 0;
    {
        EmbeddedServer server(QStringLiteral(FAKE_SERVER), m_folder->path());
        QSignalSpy ready(&server, &EmbeddedServer::ready);
        server.start();
        QVERIFY(ready.wait());
        process = server.processId();
    } // waits the five seconds that a server has to drain

    QCOMPARE(::kill(pid_t(process), 0), -1);
}

Q_DECLARE_METATYPE(photolift::Error)

QTEST_GUILESS_MAIN(tst_EmbeddedServer)
#include "tst_embeddedserver.moc"
