#include "app/client/datafolder.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using client::DataFolder;

namespace {

/// This program once more, in another process: it locks the folder and keeps it until it is ended.
class OtherProcess
{
public:
    explicit OtherProcess(const QString &folder)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"DATAFOLDER_TO_HOLD"_s, folder);
        m_process.setProcessEnvironment(environment);
        m_process.start(QCoreApplication::applicationFilePath());
        m_process.waitForReadyRead();
        m_said = m_process.readAllStandardOutput().trimmed();
    }
    ~OtherProcess()
    {
        m_process.closeWriteChannel();
        m_process.waitForFinished();
    }
    Q_DISABLE_COPY_MOVE(OtherProcess)

    QByteArray said() const { return m_said; } ///< "locked", or the code of the error
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

private:
    QProcess m_process;
    QByteArray m_said;
};

QString modeOf(const QString &path)
{
    struct stat status {};
    const bool isThere = ::stat(QFile::encodeName(path).constData(), &status) == 0;
    return isThere ? QString::number(status.st_mode & 0777, 8) : u"missing"_s;
}

/// Lets this process open no further file while it lives.
class NoMoreFiles
{
public:
    NoMoreFiles()
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        rlimit none = m_before;
        none.rlim_cur = 0;
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &m_before); }
    Q_DISABLE_COPY_MOVE(NoMoreFiles)

private:
    rlimit m_before{};
};

}

/// Where everything of one Photolift is, and that one process at a time writes there.
class TestDataFolder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachServerHasAFolderOfItsOwn()
    {
        const auto folder = [](const QString &server) { return DataFolder::ofServer(u"/data"_s, QUrl(server)); };

        QCOMPARE(folder(u"https://photos.example.org"_s), u"/data/servers/photos.example.org"_s);
        QCOMPARE(folder(u"https://Photos.example.org:443/"_s), folder(u"https://photos.example.org"_s));
        const QStringList others{folder(u"https://photos.example.org:8443"_s), folder(u"https://photos.example.org/team"_s),
                                 folder(u"https://photos.example.org/../.."_s), folder(u"https://example.org"_s)};
        QCOMPARE(QSet<QString>(others.cbegin(), others.cend()).size(), 4);
        for (const QString &other : others) {
            QVERIFY(other != folder(u"https://photos.example.org"_s));
            QCOMPARE(other.count(u'/'), 3); // no way out of it
        }
    }

    void init()
    {
        m_parent = std::make_unique<QTemporaryDir>();
        QVERIFY(m_parent->isValid());
    }

    void aNewFolderIsTheOwnersAlone()
    {
        const mode_t before = ::umask(0); // the widest there is
        const auto locked = DataFolder::lock(folder());
        ::umask(before);

        QVERIFY(locked);
        QCOMPARE((*locked)->path(), folder());
        QCOMPARE(modeOf(folder()), u"700"_s);
        QCOMPARE(modeOf(folder() + u"/lock"_s), u"600"_s);
    }

    void aFolderThatIsThereKeepsItsMode()
    {
        QVERIFY(QDir().mkpath(folder()));
        QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0750), 0);

        const auto locked = DataFolder::lock(folder());

        QVERIFY(locked);
        QCOMPARE(modeOf(folder()), u"750"_s); // it is the person's, with whatever else is in it
    }

    void whileOneWritesASecondIsRefused()
    {
        const auto first = DataFolder::lock(folder());
        QVERIFY(first);

        const auto second = DataFolder::lock(folder());

        QVERIFY(!second);
        QCOMPARE(second.error().code, ErrorCode::LocalListBusy);
        QCOMPARE(OtherProcess(folder()).said(), "LOCAL_LIST_BUSY");
    }

    void anotherSpellingOfTheFolderIsTheSameFolder()
    {
        const auto first = DataFolder::lock(folder());
        QVERIFY(first);
        QVERIFY(QFile::link(folder(), m_parent->filePath(u"link"_s)));

        QVERIFY(!DataFolder::lock(folder() + u"/../data/"_s));
        QVERIFY(!DataFolder::lock(m_parent->filePath(u"link"_s)));
    }

    void anotherProcessHoldsTheFolderUntilItIsKilled()
    {
        OtherProcess other(folder());
        QCOMPARE(other.said(), "locked");
        const auto refused = DataFolder::lock(folder());
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::LocalListBusy);

        other.kill();

        QVERIFY(DataFolder::lock(folder()));
    }

    void whoIsDoneLetsTheNextOneIn()
    {
        auto first = DataFolder::lock(folder());
        QVERIFY(first);

        (*first).reset();

        QCOMPARE(OtherProcess(folder()).said(), "locked");
    }

    void whatCannotBeAFolderIsAnErrorOfTheDisk_data()
    {
        QTest::addColumn<QString>("below");
        QTest::newRow("a file is there already") << u"file"_s;
        QTest::newRow("a file is on the way") << u"file/data"_s;
    }
    void whatCannotBeAFolderIsAnErrorOfTheDisk()
    {
        QFETCH(QString, below);
        QFile file(m_parent->filePath(u"file"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));

        const auto refused = DataFolder::lock(m_parent->filePath(below));

        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::LocalDiskError);
        QVERIFY(!refused.error().detail.isEmpty());
    }

    void withoutFreeDescriptorsResourcesAreLow()
    {
        QVERIFY(QDir().mkpath(folder()));
        std::optional<Error> error;
        {
            const NoMoreFiles limit;
            const auto refused = DataFolder::lock(folder());
            if (!refused)
                error = refused.error();
        }

        QVERIFY(error);
        QCOMPARE(error->code, ErrorCode::LocalResourcesLow);
    }

private:
    QString folder() const { return m_parent->filePath(u"data"_s); }

    std::unique_ptr<QTemporaryDir> m_parent;
};

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (const QString folder = qEnvironmentVariable("DATAFOLDER_TO_HOLD"); !folder.isEmpty()) {
        const auto locked = DataFolder::lock(folder);
        std::puts(locked ? "locked" : errorName(locked.error().code).data());
        std::fflush(stdout);
        std::getchar(); // until the end of input
        return 0;
    }
    TestDataFolder test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_datafolder.moc"
