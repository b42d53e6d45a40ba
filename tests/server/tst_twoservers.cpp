#include "tests/support/clirun.h"
#include "tests/support/desktoprun.h"
#include "tests/support/nginxrun.h"
#include "tests/support/organisationcopy.h"
#include "tests/support/organisationrun.h"
#include "tests/support/photocollection.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"
#include "tests/support/trustingprogram.h"

#include <QDir>
#include <QElapsedTimer>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTest>
#include <QTimer>

using namespace Qt::StringLiterals;
using namespace photolift::support;

namespace {
constexpr int LongestMs = 2'700'000; ///< the long form's
constexpr qint64 EveryMs = 3000;     ///< after the one before came back, which takes one to three seconds more
constexpr int Progress = 3;          ///< photos that have ended meanwhile: on a slow machine they would never else
}

/// Two servers behind nginx, on one PostgreSQL and one S3 store, that die and come back while photos of two devices arrive: the command line's and
/// the desktop program's. Each has half of the shoot, and both have the collection.
class TestTwoServers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyPhotoEndsOnceThoughServersDie();
    void sameAgainSendsNothing();
    void noServerAtAllIsSaidAsSuch();

private:
    void killOneWhenItIsTime();
    void killOne();
    /// Both halves of the shoot, one after the other.
    QString half(int number) const { return m_shoot + u"/10%1CANON"_s.arg(number); }
    int ended();
    int untold() const;
    QStringList upload(const QString &token, const QStringList &more = {}) const;
    /// Of one device token only so many exchanges a minute are allowed, and whoever has used them up waits.
    QString newToken() { return m_organisation.tokenFileFor(u"anna"_s); }

    OrganisationRun m_organisation;
    NginxRun m_nginx;
    QTemporaryDir m_folder;
    PhotoCollection m_collection;
    QString m_shoot;
    QString m_token;
    QString m_desktopToken;
    std::unique_ptr<CliRun> m_cli;
    std::unique_ptr<DesktopRun> m_desktop;
    int m_photos = 0; ///< of the shoot
    int m_kills = 0;
    int m_endedBefore = 0;     ///< when the newest kill came
    QElapsedTimer m_sinceKill; ///< since what was killed last is back
};

void TestTwoServers::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    for (int server = 0; server < 2; ++server)
        QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_nginx.start({m_organisation.address(0).port(), m_organisation.address(1).port()}), qPrintable(m_nginx.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    m_token = m_folder.filePath(u"token-cli"_s);
    m_desktopToken = m_folder.filePath(u"token-desktop"_s);
    for (const QString &kept : {m_token, m_desktopToken}) {
        const QString token = m_organisation.tokenFileFor(u"anna"_s);
        QVERIFY2(!token.isEmpty() && QFile::rename(token, kept), qPrintable(m_organisation.failure()));
    }
    const QString cli = makeTrustingProgram(m_folder.path(), programFolder() + u"/photolift-cli"_s, m_nginx.certificate().pem);
    QVERIFY(!cli.isEmpty());
    m_cli = std::make_unique<CliRun>(m_folder.filePath(u"anna"_s), cli);
    const QString desktop = makeTrustingProgram(m_folder.filePath(u"desktop"_s), programFolder() + u"/photolift"_s, m_nginx.certificate().pem);
    QVERIFY(!desktop.isEmpty());
    m_desktop = std::make_unique<DesktopRun>(m_folder.filePath(u"annas-desktop"_s), m_nginx.address(), m_desktopToken, desktop);

    m_shoot = m_folder.filePath(u"shoot"_s);
    bool isGiven = false;
    const int files = qEnvironmentVariableIntValue("PHOTOLIFT_FILES", &isGiven); // the long form has 2,000
    m_photos = isGiven ? files : 160;
    for (int i = 0; i < m_photos; ++i) // the store holds 4 GiB, and each photo twice for a while
        writeJpeg(half(i % 2) + u"/IMG_%1.JPG"_s.arg(i, 4, 10, QChar(u'0')), i, 200'000 + i % 400 * 1000);
}

QStringList TestTwoServers::upload(const QString &token, const QStringList &more) const
{
    return QStringList{u"upload"_s, m_collection.path(), half(0), u"--server"_s, m_nginx.address().toString(), u"--token-file"_s, token} + more;
}

int TestTwoServers::ended()
{
    return m_organisation.sql(u"SELECT count(*) FROM fact_upload_attempts WHERE end_timestamp IS NOT NULL"_s).toInt();
}

/// Rows of the client that no server has yet.
int TestTwoServers::untold() const
{
    int rows = -1;
    {
        QSqlDatabase list = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"untold"_s);
        list.setDatabaseName(m_cli->dataFolder() + u"/photolift.db"_s);
        list.setConnectOptions(u"QSQLITE_OPEN_READONLY"_s);
        (void)list.open();
        QSqlQuery query(list);
        if (query.exec(u"SELECT count(*) FROM outbox WHERE sent_ms IS NULL"_s) && query.next())
            rows = query.value(0).toInt();
    }
    QSqlDatabase::removeDatabase(u"untold"_s);
    return rows;
}

void TestTwoServers::killOneWhenItIsTime()
{
    if (!m_sinceKill.hasExpired(EveryMs))
        return;
    const int ended = this->ended();
    if (ended < m_endedBefore + Progress)
        return;
    m_endedBefore = ended;
    killOne();
    m_sinceKill.restart();
}

/// kill -9 of the one server, the next time of the other; the third time PostgreSQL, too, is restarted.
void TestTwoServers::killOne()
{
    const int server = m_kills++ % 2;
    m_organisation.killServer(server);
    if (m_kills == 3 && !m_organisation.postgres().restart())
        qFatal("%s", qPrintable(m_organisation.postgres().failure()));
    if (!m_organisation.restartServer(server))
        qFatal("%s", qPrintable(m_organisation.failure()));
}

void TestTwoServers::everyPhotoEndsOnceThoughServersDie()
{
    const QString snapshot = m_folder.filePath(u"before.snapshot"_s);
    QVERIFY(takeSnapshot(snapshot, {QFile::encodeName(m_collection.path()), QFile::encodeName(m_shoot)}));
    QTimer kills;
    connect(&kills, &QTimer::timeout, this, &TestTwoServers::killOneWhenItIsTime);
    kills.start(1000);
    m_sinceKill.start();

    QElapsedTimer time;
    time.start();

    QVERIFY(m_desktop->start({m_collection.path(), half(1)}));
    QVERIFY(m_cli->start(upload(m_token)));
    const CliAnswer answer = m_cli->finish(LongestMs);
    QVERIFY(QTest::qWaitFor([&] { return m_desktop->hasEnded() || !m_desktop->isRunning(); }, LongestMs));
    kills.stop();
    qInfo().noquote() << u"%1 photos of the shoot, %2 kills, %3 s"_s.arg(m_photos).arg(m_kills).arg(time.elapsed() / 1000);

    QVERIFY2(answer.faults.isEmpty() && !answer.wasKilled && answer.summary, qPrintable(answer.toText()));
    QVERIFY2(m_kills >= 3, qPrintable(u"only %1 kills in %2 ms"_s.arg(m_kills).arg(answer.durationMs)));
    for (const CliPhoto &photo : answer.photos) {
        const QString name = QString::fromUtf8(photo.path);
        const Ending wanted = PhotoCollection::troubleEndings().value(photo.path.mid(photo.path.lastIndexOf('/') + 1));
        if (photo.path.startsWith(m_collection.troublePath()))
            QVERIFY2(photo.errorCode == wanted.code, qPrintable(name + u' ' + photo.errorCode));
        else if (photo.status == u"failed"_s) // the bytes are bad, and nothing else
            QVERIFY2(photo.errorCode.startsWith(u"VALIDATION_"_s) && !name.startsWith(m_shoot), qPrintable(name + u' ' + photo.errorCode));
        else
            QVERIFY2(QStringList({u"succeeded"_s, u"duplicate"_s, u"skipped"_s}).contains(photo.status), qPrintable(name + u' ' + photo.status));
    }
    QVERIFY(m_desktop->isRunning());
    QCOMPARE(m_desktop->rows(u"queue_items WHERE is_safe = 1 AND CAST(absolute_path AS TEXT) LIKE '%/101CANON/%'"_s), m_photos / 2);
    QCOMPARE(m_desktop->rows(u"queue_items WHERE state = 'needs_you' AND error_code NOT LIKE 'VALIDATION_%' AND CAST(absolute_path AS TEXT) NOT LIKE '%/trouble/%'"_s), 0);
    // A server that comes up just then is not waited for at the end of a run: its last rows go with the next one.
    for (int runs = 0; untold() != 0 && runs < 3; ++runs)
        m_cli->run({u"retry"_s, u"--all"_s, u"--server"_s, m_nginx.address().toString(), u"--token-file"_s, newToken()});
    QCOMPARE(untold(), 0);
    const QString copy = m_folder.filePath(u"copy"_s);
    const QString failure = copyOrganisation(m_organisation, copy, u"anna"_s);
    QVERIFY2(failure.isEmpty(), qPrintable(failure));
    const QStringList broken = violations({m_cli->dataFolder(), m_desktop->listFolder()}, copy, snapshot);
    QVERIFY2(broken.isEmpty(), qPrintable(broken.join(u"\n"_s)));
}

void TestTwoServers::sameAgainSendsNothing()
{
    const CliAnswer answer = m_cli->run(upload(newToken()), 300'000);
    QVERIFY2(answer.faults.isEmpty() && answer.summary, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->bytes, 0);
    QCOMPARE(answer.summary->succeeded, 0);
}

void TestTwoServers::noServerAtAllIsSaidAsSuch()
{
    for (int server = 0; server < 2; ++server)
        QCOMPARE(m_organisation.stopServer(server), 0);
    CliRun late(m_folder.filePath(u"late"_s), m_folder.filePath(u"trusting-program"_s));
    const CliAnswer answer = late.run(upload(m_token, {u"--wait"_s, u"3s"_s}));
    QVERIFY2(answer.exitCode == 3, qPrintable(answer.toText()));
    QCOMPARE(answer.count("succeeded"_L1), 0);
}

QTEST_GUILESS_MAIN(TestTwoServers)
#include "tst_twoservers.moc"
