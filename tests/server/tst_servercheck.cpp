#include "tests/support/serverrun.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

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
    void aSecretThatOthersCanReadIsRefused_data();
    void aSecretThatOthersCanReadIsRefused();
    void nobodyElseMakesTheTablesOfSqlite();

private:
    struct Said {
        int exitCode = -1;
        QByteArray complaints;
    };
    Said check(const QString &server) const { return ask(server, u"check"_s, m_folder.filePath(u"data"_s)); }
    Said ask(const QString &server, const QString &command, const QString &data) const;

    QTemporaryDir m_folder;
    QString m_server; ///< a copy of photolift-server, alone in its folder
};

void TestServerCheck::initTestCase()
{
    m_server = m_folder.filePath(u"alone/photolift-server"_s);
    QVERIFY(QDir(m_folder.path()).mkpath(u"alone"_s));
    QVERIFY(QFile::copy(support::programFolder() + u"/photolift-server"_s, m_server));
}

TestServerCheck::Said TestServerCheck::ask(const QString &server, const QString &command, const QString &data) const
{
    QFile config(m_folder.filePath(u"config.toml"_s));
    if (!config.open(QIODevice::WriteOnly))
        return {};
    config.write("[server]\nlisten = \"127.0.0.1:0\"\ndata = \"" + QFile::encodeName(data) + "\"\n[database]\nengine = \"sqlite\"\n[store]\nkind = \"folder\"\n");
    config.close();
    QProcess process;
    process.start(server, {u"--config"_s, config.fileName(), command});
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

void TestServerCheck::aSecretThatOthersCanReadIsRefused_data()
{
    using File = QFileDevice;
    QTest::addColumn<QFileDevice::Permissions>("more");
    QTest::addColumn<QByteArray>("refusal");
    const QByteArray secret = "database.password_file (line 6) names FILE, which others can read: chmod 0400";
    QTest::newRow("its owner's") << File::Permissions() << QByteArray();
    QTest::newRow("its group's, too") << File::Permissions(File::ReadGroup) << secret;
    QTest::newRow("everybody's") << File::Permissions(File::ReadGroup | File::ReadOther) << secret;
    QTest::newRow("to be written by its group") << File::Permissions(File::WriteGroup) << secret;
}

/// Judged at `check` and at each start, before anybody is asked.
void TestServerCheck::aSecretThatOthersCanReadIsRefused()
{
    QFETCH(const QFileDevice::Permissions, more);
    QFETCH(const QByteArray, refusal);
    const QString secret = m_folder.filePath(u"secret"_s);
    for (const auto &[name, permissions] : {std::pair(secret, more), std::pair(m_folder.filePath(u"another"_s), QFileDevice::Permissions())}) {
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("a password\n") > 0 && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | permissions));
    }
    QFile config(m_folder.filePath(u"organisation.toml"_s));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(QByteArray("[server]\nlisten = \"127.0.0.1:0\"\ndata = \"FOLDER/data\"\n[database]\nport = 1\npassword_file = \"FOLDER/secret\"\nworker_password_file = \"FOLDER/another\"\n"
                            "retention_password_file = \"FOLDER/another\"\nowner_password_file = \"FOLDER/another\"\n[store]\nkind = \"folder\"\n")
                     .replace("FOLDER", QFile::encodeName(m_folder.path())));
    config.close();

    for (const QStringList &command : {QStringList{u"check"_s}, QStringList()}) {
        QProcess process;
        process.start(support::programFolder() + u"/photolift-server"_s, QStringList{u"--config"_s, config.fileName()} + command);
        QVERIFY(process.waitForFinished(60'000)); // nothing listens at port 1
        const QByteArray said = process.readAllStandardError();
        QVERIFY2((process.exitCode() == 2) == !refusal.isEmpty(), said.constData());
        QCOMPARE(said.contains("others can read"), !refusal.isEmpty());
        QVERIFY2(said.contains(QByteArray(refusal).replace("FILE", QFile::encodeName(secret))), said.constData());
        QVERIFY(process.exitCode() != 0 && !said.contains("a password"));
    }
}

/// Root would make them its own, and the server could not open them.
void TestServerCheck::nobodyElseMakesTheTablesOfSqlite()
{
    constexpr uid_t Nobody = 65534;
    const QString theirs = ::geteuid() == 0 ? m_folder.filePath(u"theirs"_s) : u"/usr"_s; // whoever runs this, it is another's
    if (::geteuid() == 0)
        QVERIFY(QDir().mkpath(theirs) && ::chown(QFile::encodeName(theirs).constData(), Nobody, Nobody) == 0);

    const Said said = ask(support::programFolder() + u"/photolift-server"_s, u"migrate"_s, theirs);

    QCOMPARE(said.exitCode, 1);
    QVERIFY2(said.complaints.contains("as the owner of server.data"), said.complaints.constData());
    QVERIFY(!QFile::exists(theirs + u"/server.sqlite"_s));
    QCOMPARE(ask(support::programFolder() + u"/photolift-server"_s, u"migrate"_s, m_folder.filePath(u"data"_s)).exitCode, 0);
}

QTEST_GUILESS_MAIN(TestServerCheck)
#include "tst_servercheck.moc"
