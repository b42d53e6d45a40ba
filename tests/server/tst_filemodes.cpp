#include "tests/support/cephgateway.h"
#include "tests/support/clirun.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"

#include <QDirIterator>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift::support;

namespace {

constexpr int Photos = 3;
constexpr int EndMs = 60'000;

/// What lies below some folders, and which of it somebody else could use.
struct Walk {
    QStringList seen;  ///< every file and folder, relative
    QStringList wrong; ///< files that are not 0600, folders and sockets that are not their owner's alone

    void add(const QString &folder)
    {
        look(folder, folder);
        QDirIterator each(folder, QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
        while (each.hasNext())
            look(each.next(), folder);
    }
    bool has(const QString &part) const
    {
        return std::any_of(seen.begin(), seen.end(), [&part](const QString &name) { return name.contains(part); });
    }

private:
    void look(const QString &path, const QString &folder)
    {
        struct stat status {
        };
        if (::lstat(QFile::encodeName(path).constData(), &status) != 0)
            return; // a journal that went meanwhile
        seen.append(path.sliced(folder.size()));
        const mode_t mode = status.st_mode & 07777;
        const QString told = u"%1 0%2"_s.arg(path, QString::number(mode, 8));
        const bool isRight = S_ISREG(status.st_mode) ? mode == 0600 : (mode & 077) == 0; // a socket's way in is its owner's, too
        if (!isRight && !wrong.contains(told))
            wrong.append(told);
    }
};

}

/// Databases, thumbnails, logs and the folder store are the owner's alone, whatever umask the programs are started with: every file that the real
/// programs make in real uploads is looked at.
class TestFileModes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void init();
    void cleanup() { ::umask(m_before); }
    void theCommandLineAndItsServer();
    void theWindowAndItsServer();
    void aServerStartedByHand();
    void anOrganisation_data();
    void anOrganisation();

private:
    QString path(const QString &name) const { return m_folder->filePath(name); }
    void write(const QString &name, const QByteArray &content) const
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) && file.write(content) == content.size());
    }
    QByteArray command(const QStringList &words) const
    {
        QProcess process;
        process.start(programFolder() + u"/photolift-server"_s, QStringList{u"--config"_s, path(u"config.toml"_s)} + words);
        process.waitForFinished(EndMs);
        return process.exitCode() == 0 ? process.readAllStandardOutput() : process.readAllStandardError();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<CephGateway> m_ceph;
    mode_t m_before = 0;
};

void TestFileModes::initTestCase_data()
{
    QTest::addColumn<int>("mask");
    QTest::newRow("umask 000") << 0;
    QTest::newRow("umask 022") << 022;
}

void TestFileModes::init()
{
    QFETCH_GLOBAL(const int, mask);
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
    for (int i = 0; i < Photos; ++i)
        writeJpeg(path(u"photos/IMG_%1.JPG"_s.arg(i)), i + 1, 50'000);
    m_before = ::umask(static_cast<mode_t>(mask)); // what all programs from now on inherit
}

void TestFileModes::theCommandLineAndItsServer()
{
    CliRun cli(path(u"data"_s));
    Walk walk;
    QVERIFY(cli.start({u"upload"_s, path(u"photos"_s)}));
    QVERIFY(QTest::qWaitFor(
        [&] {
            walk.add(path(u"data"_s)); // in the middle, too: what is there for a moment only
            return !cli.isRunning();
        },
        EndMs));
    const CliAnswer answer = cli.finish();
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
    walk.add(path(u"data"_s));

    QVERIFY2(walk.wrong.isEmpty(), qPrintable(walk.wrong.join(u'\n')));
    for (const QString &part : {u"/photolift.db"_s, u"/server/server.sqlite"_s, u"-wal"_s, u"/server/incoming/"_s, u"/server/objects/"_s,
                                u"/server/derived/"_s, u"/logs/"_s, u".log"_s})
        QVERIFY2(walk.has(part), qPrintable(part));
}

void TestFileModes::theWindowAndItsServer()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    QStringList own;
    for (const auto &[variable, folder] : {std::pair(u"XDG_CONFIG_HOME"_s, u"config"_s), std::pair(u"XDG_CACHE_HOME"_s, u"cache"_s),
                                           std::pair(u"XDG_DATA_HOME"_s, u"share"_s), std::pair(u"XDG_RUNTIME_DIR"_s, u"run"_s)}) {
        environment.insert(variable, path(folder));
        QVERIFY(QDir().mkpath(path(folder)) && QFile::setPermissions(path(folder), QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner));
        if (folder != "run"_L1)
            own.append(path(folder) + u"/Photolift"_s); // beside it lies what libraries keep for all programs
    }
    environment.insert(u"QT_QPA_PLATFORM"_s, u"offscreen"_s);
    QProcess window;
    window.setProcessEnvironment(environment);
    window.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    window.start(programFolder() + u"/photolift"_s, {path(u"photos"_s)});
    Walk walk;
    const auto look = [&] {
        for (const QString &folder : std::as_const(own)) {
            if (QDir(folder).exists())
                walk.add(folder);
        }
    };
    const bool hasKept = QTest::qWaitFor(
        [&] {
            look();
            QStringList kept;
            QDirIterator each(path(u"share/Photolift/server/derived"_s), QDir::Files, QDirIterator::Subdirectories);
            while (each.hasNext())
                kept.append(each.next());
            return kept.filter(u".thumbnail"_s).size() >= Photos;
        },
        EndMs);
    window.kill();
    window.waitForFinished();
    const int lock = ::open(QFile::encodeName(path(u"share/Photolift/server/server.lock"_s)).constData(), O_RDWR | O_CLOEXEC);
    const bool hasServerEnded = QTest::qWaitFor([lock] { return ::flock(lock, LOCK_EX | LOCK_NB) == 0; }, EndMs); // its input has ended
    ::close(lock);
    QVERIFY(hasServerEnded);
    look();

    QVERIFY2(hasKept, qPrintable(walk.seen.join(u'\n')));
    QVERIFY2(walk.wrong.isEmpty(), qPrintable(walk.wrong.join(u'\n')));
    for (const QString &part : {u"/photolift.db"_s, u"/server/server.sqlite"_s, u"/server/objects/"_s, u"/logs/"_s, u".log"_s})
        QVERIFY2(walk.has(part), qPrintable(part));
}

void TestFileModes::aServerStartedByHand()
{
    Walk walk;
    {
        ServerRun server(path(u"server"_s));
        QVERIFY(server.start());
        CliRun cli(path(u"data"_s));
        const CliAnswer answer =
            cli.run({u"upload"_s, path(u"photos"_s), u"--server"_s, server.address().toString(), u"--token-file"_s, server.tokenFile()});
        QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
        walk.add(path(u"server"_s));
    }
    walk.add(path(u"server"_s));
    walk.add(path(u"data"_s));

    QVERIFY2(walk.wrong.isEmpty(), qPrintable(walk.wrong.join(u'\n')));
    for (const QString &part : {u"/token"_s, u"/server.sqlite"_s, u"/objects/"_s, u"/derived/"_s})
        QVERIFY2(walk.has(part), qPrintable(part));
}

void TestFileModes::anOrganisation_data()
{
    QTest::addColumn<bool>("isFolder");
    QTest::newRow("a folder store") << true;
    QTest::newRow("S3") << false;
}

void TestFileModes::anOrganisation()
{
    QFETCH(const bool, isFolder);
    QByteArray store = "kind = \"folder\"\n";
    if (!isFolder) {
        if (!m_ceph) {
            m_ceph = std::make_unique<CephGateway>();
            QVERIFY2(m_ceph->start(), qPrintable(m_ceph->failure()));
        }
        write(u"access"_s, CephGateway::accessKey());
        write(u"secret"_s, CephGateway::secretKey());
        store = u"endpoint = \"%1\"\nbucket = \"photos\"\nregion = \"%2\"\naccess_key_file = \"%3/access\"\nsecret_key_file = \"%3/secret\"\n"_s
                    .arg(m_ceph->endpoint().toString(), QString::fromLatin1(CephGateway::region()), m_folder->path())
                    .toUtf8();
    }
    write(u"config.toml"_s, "[server]\nlisten = \"127.0.0.1:0\"\ndata = \"" + path(u"kept"_s).toUtf8() + "\"\n[database]\nengine = \"sqlite\"\n[store]\n" + store);
    for (const QStringList &words : {QStringList{u"store"_s, u"prepare"_s}, QStringList{u"check"_s},
                                     QStringList{u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s}})
        command(words);
    const QByteArray token = command({u"token"_s, u"create"_s, u"anna"_s});
    write(u"token"_s, token);
    QProcess server;
    server.start(programFolder() + u"/photolift-server"_s, {u"--config"_s, path(u"config.toml"_s), u"--logs"_s, path(u"logs"_s)});
    QByteArray said;
    while (!said.contains('\n')) {
        QVERIFY2(server.waitForReadyRead(30'000), server.readAllStandardError().constData());
        said += server.readAllStandardOutput();
    }
    const QString address = QJsonDocument::fromJson(said).object().value(u"address"_s).toString();

    CliRun cli(path(u"data"_s));
    Walk walk;
    QVERIFY(cli.start({u"upload"_s, path(u"photos"_s), u"--server"_s, address, u"--token-file"_s, path(u"token"_s)}));
    QVERIFY(QTest::qWaitFor(
        [&] {
            walk.add(path(u"kept"_s));
            return !cli.isRunning();
        },
        EndMs));
    const CliAnswer answer = cli.finish();
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
    server.terminate();
    QVERIFY(server.waitForFinished(EndMs));
    for (const QString &folder : {u"kept"_s, u"logs"_s, u"data"_s})
        walk.add(path(folder));

    QVERIFY2(walk.wrong.isEmpty(), qPrintable(walk.wrong.join(u'\n')));
    for (const QString &part : {u"/server.sqlite"_s, u"/server.log"_s, u"/photolift.db"_s, u"/spool"_s})
        QVERIFY2(walk.has(part), qPrintable(part));
    QCOMPARE(walk.has(u"/objects/"_s) && walk.has(u"/derived/"_s), isFolder);
}

QTEST_GUILESS_MAIN(TestFileModes)
#include "tst_filemodes.moc"
