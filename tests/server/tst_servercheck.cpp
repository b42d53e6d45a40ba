#include "tests/support/serverrun.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;

/// `photolift-server check` where the programs were put so that photos cannot be opened: it says so before any desktop comes.
class TestServerCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void programsThatLieTogetherAreWell();
    void withoutTheProgramThatOpensPhotosItSaysSo_data();
    void withoutTheProgramThatOpensPhotosItSaysSo();

private:
    struct Said {
        int exitCode = -1;
        QByteArray complaints;
    };
    Said check(const QString &server) const;

    QTemporaryDir m_folder;
    QString m_server; ///< a copy of photolift-server, alone in its folder
};

void TestServerCheck::initTestCase()
{
    m_server = m_folder.filePath(u"alone/photolift-server"_s);
    QVERIFY(QDir(m_folder.path()).mkpath(u"alone"_s));
    QVERIFY(QFile::copy(support::programFolder() + u"/photolift-server"_s, m_server));
}

TestServerCheck::Said TestServerCheck::check(const QString &server) const
{
    QFile config(m_folder.filePath(u"config.toml"_s));
    if (!config.open(QIODevice::WriteOnly))
        return {};
    config.write("[server]\nlisten = \"127.0.0.1:0\"\ndata = \"" + QFile::encodeName(m_folder.path()) + "/data\"\n[database]\nengine = \"sqlite\"\n[store]\nkind = \"folder\"\n");
    config.close();
    QProcess process;
    process.start(server, {u"--config"_s, config.fileName(), u"check"_s});
    if (!process.waitForFinished(60'000) || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), process.readAllStandardError()};
}

void TestServerCheck::programsThatLieTogetherAreWell()
{
    const Said said = check(support::programFolder() + u"/photolift-server"_s);

    QVERIFY2(said.exitCode == 0 && said.complaints.isEmpty(), said.complaints.constData());
}

void TestServerCheck::withoutTheProgramThatOpensPhotosItSaysSo_data()
{
    QTest::addColumn<bool>("isThere");
    QTest::newRow("not there") << false;
    QTest::newRow("not to be started") << true;
}

void TestServerCheck::withoutTheProgramThatOpensPhotosItSaysSo()
{
    QFETCH(const bool, isThere);
    const QString program = m_folder.filePath(u"alone/photolift-photo"_s);
    if (isThere) {
        QFile file(program);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner));
    }

    const Said said = check(m_server);

#ifdef PHOTOLIFT_SANITIZED // no sandbox there, and none asked for
    QCOMPARE(said.exitCode, 0);
#else
    QCOMPARE(said.exitCode, 1);
    const QByteArray wanted = "API_SERVER_ERROR: photos cannot be opened in a sandbox: " + QFile::encodeName(program) + " is not there";
    QVERIFY2(said.complaints.startsWith(wanted), said.complaints.constData());
#endif
}

QTEST_GUILESS_MAIN(TestServerCheck)
#include "tst_servercheck.moc"
