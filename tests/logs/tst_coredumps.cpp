#include "models/logs/coredumps.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <vector>

#include <csignal>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift::logs;

/// What a process keeps of itself when it crashes.
class TestCoreDumps : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void noFileIsWritten_data();
    void noFileIsWritten();
    void theProgramsLeaveNone_data();
    void theProgramsLeaveNone();

private:
    static int endOf(pid_t child)
    {
        int status = 0;
        ::waitpid(child, &status, 0);
        return status;
    }
};

void TestCoreDumps::noFileIsWritten_data()
{
    QTest::addColumn<CoreDumps>("where");
    QTest::newRow("not as files") << CoreDumps::NotAsFiles;
    QTest::newRow("nowhere") << CoreDumps::Nowhere;
}

void TestCoreDumps::noFileIsWritten()
{
    QFETCH(const CoreDumps, where);
    const pid_t child = ::fork();
    if (child == 0) {
        forbidCoreDumps(where);
        rlimit limit{};
        ::getrlimit(RLIMIT_CORE, &limit);
        const bool isSeen = ::prctl(PR_GET_DUMPABLE) == 1;
#ifdef PHOTOLIFT_SANITIZED
        const bool isRight = isSeen;
#else
        const bool isRight = isSeen == (where == CoreDumps::NotAsFiles);
#endif
        ::_exit(limit.rlim_max == 0 && isRight ? 0 : 1);
    }
    const int status = endOf(child);
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 0);
}

void TestCoreDumps::theProgramsLeaveNone_data()
{
    QTest::addColumn<QStringList>("command");
    QTest::newRow("photolift-server") << QStringList{u"photolift-server"_s, u"--embedded"_s, u"--data"_s, u"server"_s, u"--listen"_s, u"127.0.0.1:0"_s};
    // Nobody listens there: it waits.
    QTest::newRow("photolift-cli") << QStringList{u"photolift-cli"_s, u"upload"_s, u"photos"_s, u"--data"_s, u"client"_s, u"--server"_s,
                                                  u"http://127.0.0.1:9"_s, u"--token-file"_s, u"token"_s};
}

/// However many bytes a dump may have here: the kernel says at the end whether it has made one.
void TestCoreDumps::theProgramsLeaveNone()
{
    QFETCH(const QStringList, command);
    const QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkdir(u"photos"_s));
    QFile photo(folder.filePath(u"photos/a.jpg"_s));
    QFile token(folder.filePath(u"token"_s));
    QVERIFY(photo.open(QIODevice::WriteOnly) && photo.write("\xff\xd8\xff") > 0);
    QVERIFY(token.open(QIODevice::WriteOnly) && token.write("a token of this test\n") > 0);
    QVERIFY(token.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
    photo.close();
    token.close();
    QByteArrayList words{qgetenv("PHOTOLIFT_BIN") + '/' + command[0].toLatin1()};
    for (const QString &word : command.sliced(1))
        words.append(word.toLatin1());

    const pid_t child = ::fork();
    if (child == 0) {
        rlimit limit{};
        ::getrlimit(RLIMIT_CORE, &limit);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_CORE, &limit);
        if (::chdir(QFile::encodeName(folder.path()).constData()) != 0)
            ::_exit(1);
        ::close(STDIN_FILENO);
        std::vector<char *> arguments;
        for (QByteArray &word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        ::execv(arguments[0], arguments.data());
        ::_exit(1);
    }
    const auto isForbidden = [child] {
        rlimit limit{};
        return ::prlimit(child, RLIMIT_CORE, nullptr, &limit) == 0 && limit.rlim_max == 0;
    };
    const bool wasForbidden = QTest::qWaitFor(isForbidden, 10000);
    ::kill(child, SIGQUIT); // a core dump is what it is for
    const int status = endOf(child);
    QVERIFY(wasForbidden);
    QVERIFY(WIFSIGNALED(status) && !WCOREDUMP(status));
}

QTEST_GUILESS_MAIN(TestCoreDumps)
#include "tst_coredumps.moc"
