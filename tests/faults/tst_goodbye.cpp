#include "tests/faults/faultfolders.h"
#include "tests/faults/faultyrun.h"
#include "tests/support/databaseholder.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <memory>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using faults::FaultyRun;
using faults::FileFault;
using support::CliAnswer;
using support::CliRun;
using support::DatabaseHolder;

namespace {

constexpr int Photos = 6;
constexpr qint64 Later = 1'000'000'000; ///< no run makes so many calls: the fault comes when it is told to
#ifdef PHOTOLIFT_SANITIZED
constexpr int LeaveMs = 12'000;
#else
constexpr int LeaveMs = 5000; ///< 2 s for the parts in flight and the last try, and the server has to end, too
#endif

enum class Trouble { Locked, Full, Broken };

}

Q_DECLARE_METATYPE(Trouble)

/// A program that is asked to end does not wait for a list that cannot be written: a lock, or a disk that is full, may last for hours.
/// Nothing that a person was told is lost by that. (The same stop in the window's process: tst_client.)
class TestGoodbye : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whoIsInterruptedEndsWithinSeconds_data()
    {
        QTest::addColumn<Trouble>("trouble");
        QTest::addColumn<QByteArray>("told"); // waited for before the interrupt; none: it is not known yet
        QTest::newRow("a list that is known to be locked") << Trouble::Locked << QByteArray("The upload list is busy");
        QTest::newRow("a list that was locked a moment ago") << Trouble::Locked << QByteArray();
        QTest::newRow("a disk that is known to be full") << Trouble::Full << QByteArray("The disk of this computer is full");
        QTest::newRow("a disk that filled up a moment ago") << Trouble::Full << QByteArray();
        QTest::newRow("a disk that broke a moment ago") << Trouble::Broken << QByteArray();
    }

    void whoIsInterruptedEndsWithinSeconds()
    {
        QFETCH(const Trouble, trouble);
        QFETCH(const QByteArray, told);
        FaultFolders folders;
        for (int i = 0; i < Photos; ++i)
            QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
        QVERIFY(folders.remember());
        const QStringList upload{u"upload"_s, folders.sourceText(), u"--jobs"_s, u"1"_s};
        FaultyRun faulty(QFile::encodeName(folders.data()));
        CliRun cli(folders.data());
        if (trouble != Trouble::Locked)
            cli.setEnvironment(faulty.environment(trouble == Trouble::Full ? FileFault::NoSpaceForEver : FileFault::IoErrorForEver, Later));
        QVERIFY(cli.start(upload));
        QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"fact_upload_attempts"_s) > 0, 30000);
        std::unique_ptr<DatabaseHolder> holder;
        if (trouble == Trouble::Locked)
            holder = std::make_unique<DatabaseHolder>(folders.data() + u"/photolift.db"_s, "BEGIN EXCLUSIVE;");
        else
            faulty.meetNow();
        QVERIFY(told.isEmpty() || cli.waitForComplaint(told));
        QVERIFY(cli.isRunning());

        QElapsedTimer ending;
        ending.start();
        cli.interrupt();
        const CliAnswer answer = cli.finish();
        const qint64 took = ending.elapsed();
        qInfo("ended after %lld ms", static_cast<long long>(took));

        QVERIFY2(took < LeaveMs, qPrintable(u"%1 ms: %2"_s.arg(QString::number(took), answer.toText())));
        QVERIFY2(answer.exitCode == 130 && answer.faults.isEmpty() && answer.summary, qPrintable(answer.toText()));
        QVERIFY(!holder || holder->release());
        cli.setEnvironment({});
        const CliAnswer again = cli.run(upload);
        QVERIFY2(again.faults.isEmpty() && again.exitCode == 0, qPrintable(again.toText()));
        QCOMPARE(again.summary->succeeded + again.summary->duplicate, Photos);
        for (const support::CliPhoto &photo : answer.photos) { // what was told as done is done
            if (photo.status == "succeeded"_L1)
                QVERIFY(again.photo(photo.path) && again.photo(photo.path)->sha256 == photo.sha256);
        }
        QVERIFY(folders.drain());
        QCOMPARE(folders.violations(), QString());
    }
};

QTEST_GUILESS_MAIN(TestGoodbye)
#include "tst_goodbye.moc"
