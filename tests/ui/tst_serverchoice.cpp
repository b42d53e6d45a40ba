#include "app/desktop/serverchoice.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace photolift;
using namespace photolift::desktop;
using namespace Qt::StringLiterals;

namespace {
QStringList synced;      ///< what was brought to the disk, as it was: its name may have been another then
bool isDiskGone = false; ///< and nothing reaches it

int bringToDisk(int descriptor, long call)
{
    const QString name = u"/proc/self/fd/%1"_s.arg(descriptor);
    synced << QFileInfo(name).symLinkTarget();
    if (!isDiskGone)
        return static_cast<int>(::syscall(call, descriptor));
    errno = EIO;
    return -1;
}
}

// In place of those of the system, for Qt as well.
extern "C" int fsync(int descriptor)
{
    return bringToDisk(descriptor, SYS_fsync);
}
extern "C" int fdatasync(int descriptor)
{
    return bringToDisk(descriptor, SYS_fdatasync);
}

/// The choice of a server outlives a power cut once it is said to be written.
class ServerChoiceTest : public QObject
{
    Q_OBJECT

    static inline const QUrl Server{u"https://photos.example.org"_s};

private Q_SLOTS:
    void init()
    {
        synced.clear();
        isDiskGone = false;
    }

    void theChoiceIsOnDiskWithItsName()
    {
        const QTemporaryDir data;

        QVERIFY(ServerChoice({Server, true}).write(data.path()));

        QCOMPARE(ServerChoice::read(data.path()).used(), Server);
        QVERIFY(synced.size() >= 2);
        QVERIFY2(synced.first().startsWith(data.path() + u'/'), qPrintable(synced.first())); // what it says
        QCOMPARE(synced.last(), data.path());
    }

    void itsFileIsTheOwnersAlone()
    {
        const QTemporaryDir data;
        const mode_t before = ::umask(0); // the widest there is
        const Result<> written = ServerChoice{Server, true}.write(data.path());
        ::umask(before);

        QVERIFY(written);
        struct stat status {};
        QCOMPARE(::stat(QFile::encodeName(data.filePath(u"server.ini"_s)).constData(), &status), 0);
        QCOMPARE(status.st_mode & 07777, 0600U);
    }

    void aDiskThatDoesNotKeepItIsSaid()
    {
        const QTemporaryDir data;
        isDiskGone = true;

        const Result<> written = ServerChoice{Server, true}.write(data.path());

        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::LocalDiskError);
    }
};

QTEST_GUILESS_MAIN(ServerChoiceTest)
#include "tst_serverchoice.moc"
