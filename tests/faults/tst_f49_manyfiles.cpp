#include "tests/faults/faultfolders.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

namespace {

constexpr int InOneFolder = 10000;
constexpr int Folders = 200;
constexpr int Photos = 5;
constexpr qint64 MostMemoryKib = 200 * 1024;

/// The most memory a process ever held, in KiB; 0 once it is gone.
qint64 peakMemoryKib(qint64 processId)
{
    QFile status(u"/proc/%1/status"_s.arg(processId));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> lines = status.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith("VmHWM:"))
            return line.mid(6).trimmed().split(' ').value(0).toLongLong();
    }
    return 0;
}

}

/// F49 in short: 10,000 files in one folder and a wide tree. (100,000 and a window: tests/bench.)
class TestF49ManyFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void manyFilesAreListedAsTheyAreFound()
    {
        FaultFolders folders;
        QVERIFY(makeTree(folders));
        CliRun cli(folders.data());
        QVERIFY(cli.start({u"upload"_s, folders.sourceText()}));

        qint64 memory = 0;
        while (cli.isRunning()) {
            cli.waitForOutput(1 << 30, 100);
            memory = std::max(memory, peakMemoryKib(cli.processId()));
        }
        const CliAnswer answer = cli.finish();

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText().left(4000)));
        QCOMPARE(answer.summary->found, InOneFolder + Folders + Photos);
        QCOMPARE(answer.summary->succeeded, Photos);
        QCOMPARE(answer.summary->skipped, InOneFolder + Folders);
#ifndef PHOTOLIFT_SANITIZED
        QVERIFY2(memory > 0 && memory <= MostMemoryKib, qPrintable(u"%1 KiB"_s.arg(memory)));
#endif
        QCOMPARE(folders.violations(), QString());
    }

    void anInterruptedWalkGoesOnAndCountsNothingTwice()
    {
        FaultFolders folders;
        QVERIFY(makeTree(folders));
        CliRun cli(folders.data());
        QVERIFY(cli.start({u"upload"_s, folders.sourceText()}));
        QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_items"_s) > 0, 30000);

        QElapsedTimer ending;
        ending.start();
        cli.interrupt();
        const CliAnswer interrupted = cli.finish();
        QCOMPARE(interrupted.exitCode, 130);
        QVERIFY2(ending.elapsed() < 5000, qPrintable(u"%1 ms"_s.arg(ending.elapsed())));

        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText().left(4000)));
        QCOMPARE(answer.summary->found, InOneFolder + Folders + Photos);
        QCOMPARE(answer.summary->succeeded + answer.summary->duplicate, Photos);
        QCOMPARE(folders.violations(), QString());
    }

private:
    static bool makeTree(const FaultFolders &folders)
    {
        bool isMade = true;
        for (int i = 0; i < InOneFolder; ++i)
            isMade &= folders.write("one/" + QByteArray::number(i) + ".txt", "text " + QByteArray::number(i));
        for (int i = 0; i < Folders; ++i)
            isMade &= folders.write("wide/" + QByteArray::number(i) + "/notes.txt", "notes " + QByteArray::number(i));
        for (int i = 0; i < Photos; ++i)
            isMade &= folders.writePhoto("one/photo" + QByteArray::number(i) + ".jpg", i);
        return isMade && folders.remember();
    }
};

QTEST_GUILESS_MAIN(TestF49ManyFiles)
#include "tst_f49_manyfiles.moc"
