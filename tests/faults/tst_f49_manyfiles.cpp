#include "tests/faults/faultfolders.h"
#include "tests/pipeline/enginerig.h"
#include "tests/support/programprocesses.h"

#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

namespace {

constexpr int InOneFolder = 10000; ///< or what PHOTOLIFT_FILES says: the long form
constexpr int Folders = 200;
constexpr int Photos = 5;
constexpr int FirstRowMs = 1000;
constexpr int CancelMs = 1000;
constexpr int InterruptMs = 5000; ///< with --json, which tells of every file
constexpr int RunMs = 600000; ///< on a machine that is busy with other things
constexpr qint64 MostBytes = qint64(200) << 20;

}

int inOneFolder()
{
    return qEnvironmentVariableIsSet("PHOTOLIFT_FILES") ? qEnvironmentVariableIntValue("PHOTOLIFT_FILES") : InOneFolder;
}

/// F49: 10,000 files in one folder and a wide tree; the long form has 100,000. (With a window: tst_windowfaults, and tests/bench.)
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
        QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_batches"_s) > 0, 30000); // the drop is accepted
        QElapsedTimer sinceDrop;
        sinceDrop.start();
        QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_items"_s) > 0, 30000);
#ifndef PHOTOLIFT_SANITIZED
        QVERIFY2(sinceDrop.elapsed() <= FirstRowMs, qPrintable(u"%1 ms"_s.arg(sinceDrop.elapsed())));
#endif

        qint64 memory = 0;
        while (cli.isRunning()) {
            cli.waitForOutput(1 << 30, 100);
            memory = std::max(memory, photolift::support::peakResidentBytes(cli.processId()));
        }
        const CliAnswer answer = cli.finish();

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText().left(4000)));
        QCOMPARE(answer.summary->found, inOneFolder() + Folders + Photos);
        QCOMPARE(answer.summary->succeeded, Photos);
        QCOMPARE(answer.summary->skipped, inOneFolder() + Folders);
#ifndef PHOTOLIFT_SANITIZED
        QVERIFY2(memory > 0 && memory <= MostBytes, qPrintable(u"%1 bytes"_s.arg(memory)));
#endif
        QCOMPARE(folders.violations(), QString());
    }

    void anInterruptedRunGoesOnAndCountsNothingTwice_data()
    {
        QTest::addColumn<int>("queued"); // at the interrupt; each of them is told in the end
        QTest::newRow("while the folders are walked") << 1;
        QTest::newRow("when all files are found") << inOneFolder() + Folders + Photos;
    }

    void anInterruptedRunGoesOnAndCountsNothingTwice()
    {
        QFETCH(const int, queued);
        FaultFolders folders;
        QVERIFY(makeTree(folders));
        CliRun cli(folders.data());
        QVERIFY(cli.start({u"upload"_s, folders.sourceText()}));
        QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_items"_s) >= queued, 120000);

        QElapsedTimer ending;
        ending.start();
        cli.interrupt();
        const CliAnswer interrupted = cli.finish();
        const qint64 took = ending.elapsed();
        qInfo("%lld told, ended after %lld ms", static_cast<long long>(interrupted.photos.size()), static_cast<long long>(took));
        QCOMPARE(interrupted.exitCode, 130);
        QVERIFY2(interrupted.faults.isEmpty(), qPrintable(interrupted.faults.join(u'\n')));
        QVERIFY(interrupted.photos.size() >= queued);
#ifndef PHOTOLIFT_SANITIZED
        QVERIFY2(took < InterruptMs, qPrintable(u"%1 ms"_s.arg(took)));
#endif

        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()}, RunMs);

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText().left(4000)));
        QCOMPARE(answer.summary->found, inOneFolder() + Folders + Photos);
        QCOMPARE(answer.summary->succeeded + answer.summary->duplicate, Photos);
        QCOMPARE(folders.violations(), QString());
    }

    void allThatWaitAreCancelledAtOnce()
    {
        pipeline::EngineRig rig; // without a server: all of them wait
        rig.proxy().setDown(true);
        for (int i = 0; i < inOneFolder(); ++i)
            rig.file(QString::number(i) + u".jpg"_s, "\xff\xd8\xff\xe0" + QByteArray::number(i));
        rig.startEngine();
        const QUuid batchId = rig.drop();
        QTRY_VERIFY_WITH_TIMEOUT(rig.batches().value(0).isCounted, 120000);
        QSignalSpy cancelled(&rig.engine(), &pipeline::Engine::cancelled);

        QElapsedTimer sinceCancel;
        sinceCancel.start();
        rig.engine().cancelBatch(batchId);
        QVERIFY(cancelled.wait(30000));
        const qint64 took = sinceCancel.elapsed();
        qInfo("%d cancelled in %lld ms", inOneFolder(), took);

        QCOMPARE(cancelled.first().first().value<QList<QUuid>>().size(), inOneFolder());
#ifndef PHOTOLIFT_SANITIZED
        QVERIFY2(took <= CancelMs, qPrintable(u"%1 ms"_s.arg(took)));
#endif
    }

private:
    /// As a card has them: of what was written a moment ago each file gets a second look, a second later.
    static bool areOld(const FaultFolders &folders)
    {
        const timespec times[2] = {{.tv_sec = 1'700'000'000, .tv_nsec = 0}, {.tv_sec = 1'700'000'000, .tv_nsec = 0}};
        bool areAll = true;
        const QList<QByteArray> names = FaultFolders::filesBelow(folders.source());
        for (const QByteArray &name : names)
            areAll &= ::utimensat(AT_FDCWD, folders.path(name).constData(), times, 0) == 0;
        return areAll;
    }

    static bool makeTree(const FaultFolders &folders)
    {
        bool isMade = true;
        for (int i = 0; i < inOneFolder(); ++i)
            isMade &= folders.write("one/" + QByteArray::number(i) + ".txt", "text " + QByteArray::number(i));
        for (int i = 0; i < Folders; ++i)
            isMade &= folders.write("wide/" + QByteArray::number(i) + "/notes.txt", "notes " + QByteArray::number(i));
        for (int i = 0; i < Photos; ++i)
            isMade &= folders.writePhoto("one/photo" + QByteArray::number(i) + ".jpg", i);
        isMade &= areOld(folders);
        return isMade && folders.remember();
    }
};

QTEST_GUILESS_MAIN(TestF49ManyFiles)
#include "tst_f49_manyfiles.moc"
