#include "models/photo/filedescriptor.h"
#include "models/photo/helper.h"
#include "models/photo/sandbox.h"
#include "tests/photo/attacks.h"

#include <QFile>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using photo::FileDescriptor;
using photo::Helper;
using photo::HelperAnswer;
using photo::Order;

namespace {

QString programNamed(QLatin1StringView name)
{
    return qEnvironmentVariable("PHOTOLIFT_BIN") + u'/' + name;
}

#ifndef PHOTOLIFT_SANITIZED // no filter, no limit of memory and no sandbox there
/// Limits do not bind root, and what root may not do says little.
QStringList asNobody()
{
    return ::geteuid() == 0 ? QStringList{u"/usr/bin/setpriv"_s, u"--reuid"_s, u"65534"_s, u"--regid"_s, u"65534"_s, u"--clear-groups"_s} : QStringList();
}

/// 1: a byte came; 0: the end; -1: neither within ten seconds.
int readOne(int descriptor)
{
    pollfd waited{descriptor, POLLIN, 0};
    char byte = 0;
    return ::poll(&waited, 1, 10'000) == 1 ? static_cast<int>(::read(descriptor, &byte, 1)) : -1;
}

bool wasStopped(const QString &outcome)
{
    // 31 is SIGSYS, the filter's; 9 how the attack with threads says that there were too few.
    return outcome.startsWith("refused: "_L1) || outcome.endsWith("ended: signal 31"_L1) || outcome.endsWith("ended: exit 9"_L1);
}
#endif

}

/// FAULTS C-20: what has taken over the process that opens a photo gets nothing but that photo.
class TestSandbox : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void attackWorksOnAnUnconfinedProcess_data();
    void attackWorksOnAnUnconfinedProcess();
#ifndef PHOTOLIFT_SANITIZED // no filter, no limit of memory and no sandbox there
    void attackIsStoppedInTheSandbox_data();
    void attackIsStoppedInTheSandbox();
    void attackIsStoppedByFilterAndLimitsAlone_data();
    void attackIsStoppedByFilterAndLimitsAlone();
    void sandboxHasTheModulesItNeedsOnly();
    void everythingInTheSandboxEndsWithItsHelper();
#endif
    void programThatCannotStartMakesNoSandbox();

private:
    QString outcomeOf(const QByteArray &attack, const QStringList &command);

    QTemporaryDir m_folder;
    QTcpServer m_server;
    QByteArray m_token;
};

void TestSandbox::initTestCase()
{
    // What file modes would stop is not for the sandbox to stop.
    QVERIFY(QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7777)));
    QVERIFY(m_server.listen(QHostAddress::LocalHost));
    qputenv("PHOTOLIFT_SECRET", "of the server");
}

void TestSandbox::init()
{
    m_token = QFile::encodeName(m_folder.filePath(u"token:%1"_s.arg(m_server.serverPort())));
    QFile token(QFile::decodeName(m_token));
    QVERIFY(token.open(QIODevice::WriteOnly));
    QVERIFY(token.write("secret") == 6);
    token.close();
    QVERIFY(token.setPermissions(QFile::Permissions(0x6666)));
    for (const char *left : {".written", ".folder", ".link", ".moved"})
        ::remove(QByteArray(m_token + left).constData());
}

QString TestSandbox::outcomeOf(const QByteArray &attack, const QStringList &command)
{
    Helper::Options options;
    options.program = programNamed("attackingphoto"_L1);
    options.sandbox = command;
    options.isOneShot = true;
    Helper helper(options);
    const FileDescriptor photo(::open(m_token.constData(), O_RDONLY | O_CLOEXEC));
    const Result<HelperAnswer> answer = helper.run(Order::Facts, photo.get(), QString::fromUtf8(attack + '|' + m_token)).result();
    return answer ? answer->facts.note : answer.error().detail;
}

void TestSandbox::attackWorksOnAnUnconfinedProcess_data()
{
    QTest::addColumn<QByteArray>("attack");
    for (const attacks::Attack &attack : attacks::all()) {
        if (attack.worksAnywhere)
            QTest::newRow(attack.name) << QByteArray(attack.name);
    }
}

void TestSandbox::attackWorksOnAnUnconfinedProcess()
{
    QFETCH(QByteArray, attack);

    QCOMPARE(outcomeOf(attack, {programNamed("attackingphoto"_L1), u"--unconfined"_s}), u"won"_s);
}

#ifndef PHOTOLIFT_SANITIZED
void TestSandbox::attackIsStoppedInTheSandbox_data()
{
    QTest::addColumn<QByteArray>("attack");
    for (const attacks::Attack &attack : attacks::all())
        QTest::newRow(attack.name) << QByteArray(attack.name);
}

void TestSandbox::attackIsStoppedInTheSandbox()
{
    QFETCH(QByteArray, attack);

    const QString outcome = outcomeOf(attack, photo::sandboxCommand(programNamed("attackingphoto"_L1)));

    QVERIFY2(wasStopped(outcome), qPrintable(outcome));
}

/// Where a system gives no namespaces the rest has to hold. Only how many threads there are nobody counts then, because the system
/// would count those of the whole person.
void TestSandbox::attackIsStoppedByFilterAndLimitsAlone_data()
{
    QTest::addColumn<QByteArray>("attack");
    for (const attacks::Attack &attack : attacks::all()) {
        if (QByteArrayView(attack.name) != "start 40 threads")
            QTest::newRow(attack.name) << QByteArray(attack.name);
    }
}

void TestSandbox::attackIsStoppedByFilterAndLimitsAlone()
{
    QFETCH(QByteArray, attack);

    const QString outcome = outcomeOf(attack, asNobody() + QStringList{programNamed("attackingphoto"_L1), u"--no-namespaces"_s});

    QVERIFY2(wasStopped(outcome), qPrintable(outcome));
}

void TestSandbox::sandboxHasTheModulesItNeedsOnly()
{
    // All of the real program that lies in there: what is not bound again is hidden under an empty folder.
    const QStringList command = photo::sandboxCommand(programNamed("photolift-photo"_L1));

    QCOMPARE(command.filter(u"--tmpfs"_s).size(), 1);
    QVERIFY(command.filter(u"magick"_s).isEmpty() && command.filter(u"poppler"_s).isEmpty() && command.filter(u"openslide"_s).isEmpty());
    const photo::Sandbox found = photo::findSandbox(programNamed("photolift-photo"_L1));
    QCOMPARE(found.command, command);
    QVERIFY2(found.decoder.contains("libheif"_L1) && found.decoder.contains("libjxl"_L1), qPrintable(found.decoder));
}

void TestSandbox::everythingInTheSandboxEndsWithItsHelper()
{
    // In the place of a photo: open for as long as anybody has it.
    int pipe[2];
    QCOMPARE(::pipe2(pipe, O_CLOEXEC), 0);
    const FileDescriptor reading(pipe[0]);
    FileDescriptor writing(pipe[1]);
    {
        Helper::Options options;
        options.program = programNamed("attackingphoto"_L1);
        options.sandbox = photo::sandboxCommand(options.program);
        options.isOneShot = true;
        Helper helper(options);
        const auto answer = helper.run(Order::Facts, writing.get(), u"wait"_s);
        writing.close();
        QCOMPARE(readOne(reading.get()), 1); // the child has it
        QVERIFY(!answer.isFinished());
    }

    QCOMPARE(readOne(reading.get()), 0); // nobody has it any more
}
#endif

void TestSandbox::programThatCannotStartMakesNoSandbox()
{
    const photo::Sandbox found = photo::findSandbox(u"/nonexistent/photolift-photo"_s);

    QCOMPARE(found.command, QStringList());
    QVERIFY(!found.fault.isEmpty());
}

QTEST_GUILESS_MAIN(TestSandbox)
#include "tst_sandbox.moc"
