#include "models/pipeline/walker.h"
#include "tests/faults/faultfolders.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

namespace {

const QString Special = u"SELECTION_SKIPPED_SPECIAL"_s;
constexpr qint64 LongestWalkMs = 5000;

/// Tells whether anybody opened a file since it was made.
class OpenWatch
{
public:
    explicit OpenWatch(const QByteArray &path)
        : m_descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
        , m_isWatching(::inotify_add_watch(m_descriptor, path.constData(), IN_OPEN | IN_ACCESS) >= 0)
    {
    }
    ~OpenWatch() { ::close(m_descriptor); }
    Q_DISABLE_COPY_MOVE(OpenWatch)
    bool isWatching() const { return m_isWatching; }
    bool wasOpened() const
    {
        char buffer[4096];
        return ::read(m_descriptor, buffer, sizeof buffer) > 0;
    }

private:
    int m_descriptor;
    bool m_isWatching;
};

bool makeSocket(const QByteArray &path)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= static_cast<qsizetype>(sizeof address.sun_path))
        return false;
    std::copy(path.begin(), path.end(), address.sun_path);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool isMade = ::bind(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    ::close(descriptor);
    return isMade;
}

}

/// F22: link loops, hard-link fans, pipes, sockets, the kernel's file systems and deep trees end the walk soon, and only regular
/// files are touched.
class TestF22SpecialFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void linksAreLeftOutAndNotFollowed()
    {
        FaultFolders folders;
        QVERIFY(folders.writePhoto("a/one.jpg", 1));
        QVERIFY(folders.writePhoto("outside/two.jpg", 2));
        QCOMPARE(::symlink("..", folders.path("a/loop").constData()), 0);
        QCOMPARE(::symlink("loop2", folders.path("a/loop2").constData()), 0);
        QCOMPARE(::symlink("one.jpg", folders.path("a/link.jpg").constData()), 0);
        QCOMPARE(::symlink("/nowhere/at/all.jpg", folders.path("a/dangling.jpg").constData()), 0);
        QCOMPARE(::symlink("/proc", folders.path("a/proc").constData()), 0);
        QVERIFY(folders.remember());

        CliRun cli(folders.data());
        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->found, 2);
        QCOMPARE(answer.summary->succeeded, 2);
        for (const char *name : {"loop", "loop2", "link.jpg", "dangling.jpg", "proc"})
            QCOMPARE(answer.leftOut.value(folders.path("a/" + QByteArray(name))), Special);
        QCOMPARE(answer.leftOut.size(), 5);
        QCOMPARE(folders.violations(), QString());
    }

    void theOwnDataFolderIsNoFolderOfPhotos()
    {
        FaultFolders folders;
        QVERIFY(folders.writePhoto("a/one.jpg", 1));
        QVERIFY(folders.writePhoto("a/two.jpg", 2));

        CliRun cli(folders.sourceText() + u"/.local/share/Photolift"_s);
        for (const bool isFirst : {true, false}) { // the second finds the objects of the first, too
            const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText(), u"--wait"_s, u"60s"_s});

            QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
            QCOMPARE(answer.summary->found, 2);
            QCOMPARE(isFirst ? answer.summary->succeeded : answer.summary->duplicate, 2);
            QCOMPARE(answer.leftOut, (QHash<QByteArray, QString>{{folders.path(".local/share/Photolift"), Special}}));
        }
        const CliAnswer dry = cli.run({u"upload"_s, folders.sourceText(), u"--dry-run"_s});
        QCOMPARE(dry.summary->found, 2);
        QCOMPARE(dry.leftOut.size(), 1);
    }

    void oneFileWithManyNamesIsOnePhoto()
    {
        constexpr int names = 50;
        FaultFolders folders;
        QVERIFY(folders.writePhoto("fan/00.jpg", 1));
        for (int i = 1; i < names; ++i) {
            const QByteArray name = folders.path("fan/" + QByteArray::number(i).rightJustified(2, '0') + ".jpg");
            QCOMPARE(::link(folders.path("fan/00.jpg").constData(), name.constData()), 0);
        }
        QVERIFY(folders.remember());

        CliRun cli(folders.data());
        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->found, 1);
        QCOMPARE(answer.leftOut.size(), names - 1);
        QCOMPARE(answer.leftOut.value(folders.path("fan/49.jpg")), Special);
        QCOMPARE(folders.violations(), QString());
    }

    void pipesAndSocketsAreNeverOpened()
    {
        FaultFolders folders;
        QVERIFY(folders.writePhoto("one.jpg", 1));
        const QByteArray pipe = folders.path("pipe.jpg");
        QCOMPARE(::mkfifo(pipe.constData(), 0666), 0);
        QVERIFY(makeSocket(folders.path("socket.jpg")));
        const OpenWatch watch(pipe);
        QVERIFY(watch.isWatching());

        CliRun cli(folders.data());
        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QVERIFY(!watch.wasOpened());
        QCOMPARE(answer.summary->found, 1);
        QCOMPARE(answer.leftOut.value(pipe), Special);
        QCOMPARE(answer.leftOut.value(folders.path("socket.jpg")), Special);
        QCOMPARE(folders.violations(), QString());
    }

    void theKernelsFileSystemsAreNoPhotos()
    {
        FaultFolders folders;
        QVERIFY(folders.writePhoto("one.jpg", 1));

        CliRun cli(folders.data());
        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText(), u"/proc/self"_s, u"/sys/class"_s, u"--dry-run"_s});

        QVERIFY2(answer.faults.isEmpty(), qPrintable(answer.toText()));
        for (const support::CliPhoto &photo : answer.photos)
            QVERIFY2(photo.path.startsWith(folders.source()), photo.path.constData());
    }

    /// The row in one tree, and its 5 s: from the call of the walk to its end, as the pipeline walks.
    void allOfItTogetherEndsInFiveSeconds()
    {
        FaultFolders folders;
        QVERIFY(folders.writePhoto("fan/0.jpg", 1));
        for (int i = 1; i < 2000; ++i)
            QCOMPARE(::link(folders.path("fan/0.jpg").constData(), folders.path("fan/" + QByteArray::number(i) + ".jpg").constData()), 0);
        for (int i = 0; i < 200; ++i) {
            const QByteArray folder = "loop/" + QByteArray::number(i);
            QVERIFY(folders.write(folder + "/notes.txt", "notes"));
            QCOMPARE(::symlink("../..", folders.path(folder + "/up").constData()), 0);
            QCOMPARE(::symlink("/proc", folders.path(folder + "/proc").constData()), 0);
        }
        const QByteArray pipe = folders.path("pipe.jpg");
        QCOMPARE(::mkfifo(pipe.constData(), 0666), 0);
        const OpenWatch watch(pipe);
        QVERIFY(watch.isWatching());

        qsizetype files = 0;
        qsizetype leftOut = 0;
        const std::atomic<bool> isCancelled = false;
        QElapsedTimer timer;
        timer.start();
        const bool isComplete = pipeline::walk(
            {folders.source(), "/proc/self", "/sys/class"},
            [&files, &leftOut](const pipeline::WalkHarvest &harvest) {
                files += harvest.files.size();
                leftOut += harvest.leftOut.size();
            },
            isCancelled);

        QVERIFY(isComplete);
        QVERIFY2(timer.elapsed() <= LongestWalkMs, qPrintable(u"%1 ms"_s.arg(timer.elapsed())));
        QVERIFY(!watch.wasOpened());
        QCOMPARE(files, 1 + 200);
        QCOMPARE(leftOut, 1999 + 2 * 200 + 1 + 2); // names of one file, links, the pipe, the two kernel's folders
    }

    /// Says by its rows what is shown: a machine that gives nobody a mount namespace shows the weaker one alone.
    void theKernelsFoldersAreNotWalked_data()
    {
        QTest::addColumn<bool>("isMounted");
        const bool mayMount = QProcess::execute(u"unshare"_s, {u"-rm"_s, u"true"_s}) == 0;
        if (mayMount)
            QTest::newRow("mounted inside the tree, and another mount there is walked") << true;
        QTest::newRow(mayMount ? "given as a root" : "given as a root; of mounts nothing is shown: unshare is refused here") << false;
    }

    void theKernelsFoldersAreNotWalked()
    {
        QFETCH(const bool, isMounted);
        FaultFolders folders;
        QVERIFY(folders.writePhoto("one.jpg", 1));
        QVERIFY(folders.writePhoto("other/two.jpg", 2));
        QVERIFY(::mkdir(folders.path("card").constData(), 0755) == 0 && ::mkdir(folders.path("kernel").constData(), 0755) == 0);

        CliRun cli(folders.data(), isMounted ? programWithMounts(folders) : QString());
        const QStringList given = isMounted ? QStringList{folders.sourceText()} : QStringList{folders.sourceText(), u"/proc"_s};
        const CliAnswer answer = cli.run(QStringList{u"upload"_s} + given + QStringList{u"--dry-run"_s});

        QVERIFY2(answer.faults.isEmpty(), qPrintable(answer.toText()));
        QCOMPARE(answer.leftOut.value(isMounted ? folders.path("kernel") : QByteArray("/proc")), Special);
        QVERIFY(answer.photo(folders.path("one.jpg")) && answer.photo(folders.path("other/two.jpg")));
        QCOMPARE(answer.photo(folders.path("card/three.jpg")) != nullptr, isMounted);
        QCOMPARE(answer.photos.size(), isMounted ? 3 : 2);
    }

    void aDeepTreeIsWalkedToItsEnd()
    {
        FaultFolders folders;
        // Beyond PATH_MAX no absolute name works any more: 100 levels stay below it.
        QVERIFY(folders.writePhoto(QByteArray("nested/").repeated(100) + "deep.jpg", 1));
        QVERIFY(folders.remember());

        CliRun cli(folders.data());
        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->succeeded, 1);
        QCOMPARE(folders.violations(), QString());
    }

private:
    /// The CLI in a mount namespace of its own, in which another file system begins at card/ and the kernel's at kernel/.
    QString programWithMounts(const FaultFolders &folders) const
    {
        const QString inside = script(u"photolift-cli"_s,
                                      u"mount -t tmpfs none '%1/card' && cp '%1/other/two.jpg' '%1/card/three.jpg' && "
                                      "mount --rbind /proc '%1/kernel' && exec '%2/photolift-cli' \"$@\"\n"_s.arg(folders.sourceText(),
                                                                                                                qEnvironmentVariable("PHOTOLIFT_BIN")));
        return script(u"start"_s, u"exec unshare -rm '%1' \"$@\"\n"_s.arg(inside));
    }

    QString script(const QString &name, const QString &lines) const
    {
        QFile file(m_scripts.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write((u"#!/bin/sh\n"_s + lines).toUtf8()) < 0
            || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
            return {};
        return file.fileName();
    }

    QTemporaryDir m_scripts;
};

QTEST_GUILESS_MAIN(TestF22SpecialFiles)
#include "tst_f22_specialfiles.moc"
