#include "tests/bench/turnmeter.h"
#include "tests/faults/faultfolders.h"
#include "tests/faults/proxiedworld.h"
#include "tests/ui/inenglish.h"
#include "tests/ui/realprogram.h"
#include "ui/parts/errortexts.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <QTimer>

#include <atomic>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;
using bench::TurnMeter;
using faults::FaultFolders;

namespace {

constexpr int Names = 10'000; ///< or what PHOTOLIFT_FILES says: the long form
constexpr int Trials = 5;     ///< of each way to drop twice
constexpr int Photos = 3;
constexpr int FirstRowMs = 1000;
constexpr int CancelMs = 1000;
constexpr int StallMs = 100; ///< I8
constexpr int RunMs = 60'000;
constexpr int WalkMs = 600'000;

/// Wall time without the wait for a core: that of the thread of this program that waited most, since threads wait side by side, too.
class Stopwatch
{
public:
    void restart()
    {
        m_before = coresAwaited();
        m_wall.start();
    }
    qint64 elapsed() const
    {
        const qint64 wall = m_wall.elapsed();
        qint64 mostNs = 0;
        const QHash<QByteArray, qint64> now = coresAwaited();
        for (auto thread = now.cbegin(); thread != now.cend(); ++thread)
            mostNs = std::max(mostNs, *thread - m_before.value(thread.key()));
        return wall - mostNs / 1'000'000;
    }

private:
    /// Of each thread, in ns.
    static QHash<QByteArray, qint64> coresAwaited()
    {
        QHash<QByteArray, qint64> awaited;
        for (const auto &thread : std::filesystem::directory_iterator("/proc/self/task")) {
            std::ifstream file(thread.path() / "schedstat"); // "ns on a core, ns ready without one, ..."
            qint64 onCore = 0;
            file >> onCore >> awaited[QByteArray::fromStdString(thread.path().filename().string())];
        }
        return awaited;
    }
    QElapsedTimer m_wall;
    QHash<QByteArray, qint64> m_before;
};

int names()
{
    return qEnvironmentVariableIsSet("PHOTOLIFT_FILES") ? qEnvironmentVariableIntValue("PHOTOLIFT_FILES") : Names;
}

}

/// Rows of the fault plan that a person sees: the real window over the real engine and server, each turn of its thread measured (I8).
class WindowFaultsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { test::speakEnglish(); }

    /// What measures all tests below: it fails for a window that computes or waits, and not for a machine that is busy otherwise.
    void theMeterTellsABusyAndABlockedTurnFromABusyMachine()
    {
        std::atomic_bool isOver = false;
        std::vector<std::thread> others;
        for (unsigned i = 0; i < 4 * std::thread::hardware_concurrency(); ++i)
            others.emplace_back([&isOver] {
                while (!isOver) { }
            });
        const auto turn = [](const std::function<void()> &work) {
            meter().begin();
            bool isDone = false;
            QTimer::singleShot(0, qApp, [&] {
                work();
                isDone = true;
            });
            [[maybe_unused]] const bool isWaited = waitInLoop([&] { return isDone; }, RunMs);
            return meter().report();
        };
        const auto compute = [](int ms) {
            timespec began{};
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
            for (timespec now = began; (now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1'000'000 < ms;)
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        };

        // Again until the other threads have had their part of it: a machine that is not busy yet shows nothing.
        TurnMeter::Report calm;
        const QDeadlineTimer patience(RunMs);
        do
            calm = turn([&] { compute(50); });
        while (calm.coreAwaitedMostMs <= 50 && !patience.hasExpired());
        const TurnMeter::Report busy = turn([&] { compute(200); });
        const TurnMeter::Report blocked = turn([] { QThread::msleep(200); });
        isOver = true;
        for (std::thread &other : others)
            other.join();

        QVERIFY2(calm.coreAwaitedMostMs > 50, qPrintable(QString::number(calm.coreAwaitedMostMs)));
        QVERIFY2(calm.wallMostMs < StallMs, qPrintable(QString::number(calm.wallMostMs)));
        QVERIFY2(calm.blockedMostMs < StallMs / 2.0, qPrintable(QString::number(calm.blockedMostMs)));
        QVERIFY2(busy.cpuMostMs > StallMs, qPrintable(QString::number(busy.cpuMostMs)));
        QVERIFY2(blocked.blockedMostMs > StallMs, qPrintable(QString::number(blocked.blockedMostMs)));
        QVERIFY2(blocked.cpuMostMs < StallMs, qPrintable(QString::number(blocked.cpuMostMs)));
    }

    void theWindowIsNeverBlockedWhileManyNamesArriveAndGo() // F49
    {
        FaultFolders folders;
        for (int i = 0; i < names(); ++i)
            QVERIFY(folders.write(QByteArray::number(i) + ".jpg", "\xff\xd8\xff\xe0" + QByteArray::number(i)));
        QVERIFY(folders.remember());
        manyNamesArriveAndGo(folders);
        verifyInvariants(folders);
    }

    void whatIsDroppedTwiceIsQueuedOnce_data() // F44
    {
        QTest::addColumn<QStringList>("second"); // below the first, which is the whole folder
        QTest::addColumn<bool>("isOneDrop");
        QTest::newRow("a folder, twice at once") << QStringList{u""_s} << true;
        QTest::newRow("a folder, and again a moment later") << QStringList{u""_s} << false;
        QTest::newRow("a folder, and one in it") << QStringList{u"/day"_s} << false;
        QTest::newRow("a folder, and a photo of it") << QStringList{u"/day/photo0.jpg"_s} << false;
    }

    void whatIsDroppedTwiceIsQueuedOnce()
    {
        FaultFolders folders;
        for (int i = 0; i < Trials * Photos; ++i)
            QVERIFY(folders.writePhoto(trial(i / Photos) + "/day/photo" + QByteArray::number(i % Photos) + ".jpg", i));
        QVERIFY(folders.remember());
        eachIsDroppedTwice(folders);
        verifyInvariants(folders);
    }

    void aLockedListIsToldInAWindowThatGoesOn_data() // F15
    {
        QTest::addColumn<QByteArray>("statements");
        QTest::newRow("exclusive") << QByteArray("BEGIN EXCLUSIVE;");
        QTest::newRow("the right to write next") << QByteArray("BEGIN IMMEDIATE;");
    }

    void aLockedListIsToldInAWindowThatGoesOn()
    {
        FaultFolders folders;
        for (int i = 0; i < Photos; ++i)
            QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
        QVERIFY(folders.remember());
        theListIsLocked(folders);
        verifyInvariants(folders);
    }

private:
    // One life of the program each, over when they return.

    void manyNamesArriveAndGo(const FaultFolders &folders)
    {
        RealProgram program(folders.data());
        QVERIFY(waitInLoop([&] { return program.controller->queue().isServerReachable; }, RunMs));
        program.feed->pauseAll(); // names arrive, nothing is sent: all of them can be cancelled
        QVERIFY(waitInLoop([&] { return program.headline() == u"Paused by you"_s; }, RunMs));
        PhotoTable *table = program.window->uploads()->workPage()->photos();

        Stopwatch sinceDrop;
        qint64 firstRowMs = -1;
        meter().begin();
        meter().whenPainted(table->viewport(), [&] { return program.row(table->rowAt(0)) != nullptr; }, [&] { firstRowMs = sinceDrop.elapsed(); });
        sinceDrop.restart();
        program.drop({folders.sourceText()});
        QVERIFY(waitInLoop([&] { return program.controller->photos()->rowCount() == names() && program.totals().counting == 0; }, WalkMs));
        verifyNeverBlocked("arriving");
        qInfo("first row after %lld ms", static_cast<long long>(firstRowMs));

        table->selectAll();
        program.window->uploads()->actions().copyRow->trigger();
        const QString copied = u"%1 rows copied to the clipboard"_s.arg(QLocale().toString(names()));
        QVERIFY(waitInLoop([&] { return program.window->uploads()->notice()->text() == copied; }, RunMs));
        verifyNeverBlocked("copied");
        QCOMPARE(QApplication::clipboard()->text().count(u".jpg\t"_s), names()); // rows never shown, too

        QSignalSpy cancelled(program.feed.get(), &UploadFeed::cancelled);
        sinceDrop.restart();
        program.feed->cancelBatch(program.controller->batches()->rowAt(0)->view.batch.batchId);
        QVERIFY(waitInLoop([&] { return !cancelled.isEmpty(); }, RunMs));
        const qint64 cancelMs = sinceDrop.elapsed();
        QVERIFY(waitInLoop([&] { return program.totals().waiting == 0; }, RunMs));
        verifyNeverBlocked("cancelled");
        qInfo("%d cancelled in %lld ms", names(), static_cast<long long>(cancelMs));
        QCOMPARE(cancelled.first().first().value<QList<QUuid>>().size(), names());
#ifndef PHOTOLIFT_SANITIZED
        QVERIFY2(firstRowMs >= 0 && firstRowMs <= FirstRowMs, qPrintable(QString::number(firstRowMs)));
        QVERIFY2(cancelMs <= CancelMs, qPrintable(QString::number(cancelMs)));
#endif
    }

    void eachIsDroppedTwice(const FaultFolders &folders)
    {
        QFETCH(const QStringList, second);
        QFETCH(const bool, isOneDrop);
        RealProgram program(folders.data());
        meter().begin();
        for (int i = 0; i < Trials; ++i) {
            const QString folder = QFile::decodeName(folders.path(trial(i)));
            const QString again = folder + second.first();
            if (isOneDrop) {
                program.drop({folder, again});
            } else {
                program.drop({folder});
                program.drop({again});
            }
            const int all = (i + 1) * Photos;
            QVERIFY(waitInLoop([&] { return folders.rows(u"queue_items WHERE state = 'succeeded'"_s) >= all && program.totals().isFinished(); }, RunMs));

            QCOMPARE(folders.rows(u"queue_items"_s), all);
            QCOMPARE(folders.rows(u"fact_upload_attempts"_s), all);
            QCOMPARE(FaultFolders::filesBelow(QFile::encodeName(folders.server() + u"/objects"_s)).size(), all);
        }
        verifyNeverBlocked("dropped twice");
        QCOMPARE(faults::numberFrom(folders.server() + u"/server.sqlite"_s, u"SELECT count(*) FROM server_assets"_s), Trials * Photos);
    }

    void theListIsLocked(const FaultFolders &folders)
    {
        QFETCH(const QByteArray, statements);
        pipeline::Tuning tuning = RealProgram::tuning();
        tuning.quietTransientMs = 2000; // half of it for a list that is locked
        RealProgram program(folders.data(), tuning);
        QVERIFY(waitInLoop([&] { return program.controller->queue().isServerReachable; }, RunMs));
        QProcess other;
        other.start(u"sqlite3"_s, {u"-bail"_s, folders.data() + u"/photolift.db"_s});
        other.write(".timeout 20000\n" + statements + "\nSELECT 'held';\n");
        QVERIFY(waitInLoop([&] { return other.bytesAvailable() >= 5; }, RunMs)); // "held"

        meter().begin();
        program.drop({folders.sourceText()});
        QVERIFY(waitInLoop([&] { return program.controller->queue().holdCode == ErrorCode::LocalListBusy; }, RunMs));
        QVERIFY(waitInLoop([&] { return motionText(program).contains(errorTitle(ErrorCode::LocalListBusy)); }, RunMs));
        verifyNeverBlocked("locked");

        other.write("COMMIT;\n.quit\n");
        QVERIFY(waitInLoop([&] { return program.headline().startsWith(u"All %1 photos are copied to "_s.arg(Photos)); }, RunMs));
        QVERIFY(!motionText(program).contains(errorTitle(ErrorCode::LocalListBusy)));
        QCOMPARE(folders.rows(u"fact_upload_attempts"_s), Photos);
        QVERIFY(waitInLoop([&] { return folders.rows(u"outbox WHERE sent_ms IS NULL"_s) == 0; }, RunMs));
        QVERIFY(waitInLoop([&] { return other.state() == QProcess::NotRunning; }, RunMs));
    }

    /// Of what the program left behind, with all turns of its window (I8); when it came so far.
    void verifyInvariants(const FaultFolders &folders)
    {
        const QJsonObject turns{{u"ui_turn_cpu_ms"_s, std::exchange(m_cpuMs, {})}, {u"ui_turn_wall_ms"_s, std::exchange(m_wallMs, {})}};
        if (QTest::currentTestFailed())
            return;
        QVERIFY(!turns.constBegin()->toArray().isEmpty());
        QVERIFY(folders.drain());
#ifdef PHOTOLIFT_SANITIZED
        QCOMPARE(folders.violations(), QString());
#else
        QCOMPARE(folders.violations(turns), QString());
#endif
    }

    static QByteArray trial(int number) { return "trial" + QByteArray::number(number); }

    static TurnMeter &meter() { return *static_cast<TurnMeter *>(qApp); }

    static QString motionText(const RealProgram &program)
    {
        const Verdict &verdict = program.window->uploads()->verdicts()->motion()->verdict();
        return verdict.headline + u' ' + verdict.detail;
    }

    void verifyNeverBlocked(const char *what)
    {
        const TurnMeter::Report turns = meter().report();
        for (const float ms : turns.cpuMs)
            m_cpuMs.append(double(ms));
        for (const float ms : turns.wallMs)
            m_wallMs.append(double(ms));
        const QString figures = u"%1: %2 turns, CPU at most %3 ms, blocked at most %4 ms, wall p99 %5 ms, at most %6 ms (and up to %7 ms without a core); longest: %8"_s.arg(
            QLatin1StringView(what), QString::number(turns.turns), QString::number(turns.cpuMostMs), QString::number(turns.blockedMostMs),
            QString::number(turns.wallP99Ms), QString::number(turns.wallMostMs), QString::number(turns.coreAwaitedMostMs), QString::fromUtf8(turns.longest));
        qInfo("%s", qPrintable(figures));
        QVERIFY(turns.turns > 0);
#ifndef PHOTOLIFT_SANITIZED
        QVERIFY2(turns.cpuMostMs <= StallMs, qPrintable(figures));
        QVERIFY2(turns.blockedMostMs <= StallMs, qPrintable(figures)); // each turn: one that waits is one that a person feels
        QVERIFY2(turns.wallP99Ms <= StallMs, qPrintable(figures));
#endif
    }

    QJsonArray m_cpuMs; ///< of the turns measured in this test
    QJsonArray m_wallMs;
};

int main(int argc, char **argv)
{
    TurnMeter app(argc, argv);
    QApplication::setApplicationName(u"Photolift"_s);
    WindowFaultsTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_windowfaults.moc"
