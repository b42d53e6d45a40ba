#include "tests/faults/faultfolders.h"
#include "tests/support/databaseholder.h"

#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QTest>

#include <memory>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;
using support::DatabaseHolder;

namespace {

constexpr int Photos = 6;
#ifdef PHOTOLIFT_SANITIZED
constexpr int GoneOnMs = 40'000;
#else
constexpr int GoneOnMs = 10'000;
#endif
constexpr int ShortMs = 1500; ///< within SQLite's own patience (busy_timeout 5 s)

/// Photos, and a client on them that is under way or not yet.
struct World {
    World()
    {
        isMade = true;
        for (int i = 0; i < Photos; ++i)
            isMade &= folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i);
        isMade &= folders.remember();
    }
    bool start() { return cli.start({u"upload"_s, folders.sourceText()}); }
    QString list() const { return folders.data() + u"/photolift.db"_s; }
    QString serverList() const { return folders.server() + u"/server.sqlite"_s; }
    bool hasLogged(const char *words) const
    {
        QFile log(folders.data() + u"/logs/photolift.log"_s);
        return log.open(QIODevice::ReadOnly) && log.readAll().contains(words);
    }
    /// Reads on meanwhile, so that the program never waits for us; false when it ends before the time.
    bool runsFor(int ms)
    {
        QElapsedTimer timer;
        timer.start();
        while (!timer.hasExpired(ms) && cli.isRunning())
            cli.waitForOutput(1 << 30, 100);
        return cli.isRunning();
    }

    FaultFolders folders;
    CliRun cli{folders.data()};
    bool isMade = false;
};

}

/// F15: another process holds a local database. "Locked" is waited for, is no damage, and loses nothing. (That the window tells it after
/// its time and takes it back: tst_windowfaults, tst_engineholds; that a second upload into one folder is refused: tst_mainjob.)
class TestF15Locked : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// The lock that goes beyond SQLite's patience is held from here on, while the others are tried.
    void initTestCase()
    {
        QVERIFY(m_long.isMade && m_long.start());
        QTRY_VERIFY_WITH_TIMEOUT(isUnderWay(m_long), 30000);
        m_held.start();
        m_longHolder = std::make_unique<DatabaseHolder>(m_long.list(), "BEGIN EXCLUSIVE;");
        QVERIFY(m_longHolder->isHolding());
    }

    void aShortLockIsWaitedFor_data()
    {
        QTest::addColumn<QByteArray>("statements");
        QTest::addColumn<bool>("isOfServer");
        QTest::newRow("the right to write next") << QByteArray("BEGIN IMMEDIATE;") << false;
        QTest::newRow("the server's list, exclusive") << QByteArray("BEGIN EXCLUSIVE;") << true;
    }

    void aShortLockIsWaitedFor()
    {
        QFETCH(const QByteArray, statements);
        QFETCH(const bool, isOfServer);
        World world;
        QVERIFY(world.isMade && world.start());
        QTRY_VERIFY_WITH_TIMEOUT(isUnderWay(world), 30000);
        DatabaseHolder holder(isOfServer ? world.serverList() : world.list(), statements);
        QVERIFY(holder.isHolding());
        QVERIFY(world.runsFor(ShortMs)); // it cannot end while it cannot write
        QVERIFY(holder.release());

        verifyAll(world);
        QVERIFY(!world.hasLogged("LOCAL_LIST_BUSY"));
    }

    void aLongReaderHindersNobodyWhileTheLogGrows()
    {
        auto finished = std::make_unique<World>();
        World &world = *finished;
        QVERIFY(world.isMade && world.start());
        QTRY_VERIFY_WITH_TIMEOUT(isUnderWay(world), 30000);
        DatabaseHolder reader(world.list(), "BEGIN; SELECT count(*) FROM queue_items;");
        QVERIFY(reader.isHolding());
        const qint64 before = QFileInfo(world.list() + u"-wal"_s).size();

        const CliAnswer answer = world.cli.finish();

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->succeeded, Photos);
        QVERIFY(reader.isHolding());
        QVERIFY(QFileInfo(world.list() + u"-wal"_s).size() > before);
        QVERIFY(reader.release());
        QCOMPARE(world.folders.violations(), QString());
        m_finished = std::move(finished);
    }

    void aLockAtTheStartIsWaitedFor()
    {
        if (!m_finished) { // this function alone
            m_finished = std::make_unique<World>();
            QVERIFY(m_finished->isMade && m_finished->start());
            verifyAll(*m_finished);
        }
        World &world = *m_finished;
        QVERIFY(world.folders.writePhoto("later.jpg", Photos));
        QVERIFY(world.folders.remember());
        DatabaseHolder holder(world.list(), "BEGIN EXCLUSIVE;");
        QVERIFY(holder.isHolding());

        QVERIFY(world.start());
        QVERIFY(world.runsFor(ShortMs));
        QVERIFY(holder.release());
        const CliAnswer answer = world.cli.finish();

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->succeeded + answer.summary->duplicate, Photos + 1);
        QCOMPARE(world.folders.violations(), QString());
    }

    void aLockBeyondThePatienceOfSqliteIsWaitedFor()
    {
        while (!m_long.hasLogged("LOCAL_LIST_BUSY") && !m_held.hasExpired(60000))
            QVERIFY(m_long.runsFor(100));
        QVERIFY(m_long.hasLogged("cannot write") && m_long.hasLogged("LOCAL_LIST_BUSY"));
        QVERIFY(!m_long.hasLogged("writing works again"));
        const qint64 heldMs = m_held.elapsed();
        QVERIFY(m_longHolder->release());
        QElapsedTimer sinceRelease;
        sinceRelease.start();

        verifyAll(m_long);
        qInfo("held for %lld ms, all done %lld ms later", static_cast<long long>(heldMs), static_cast<long long>(sinceRelease.elapsed()));
        // Whoever waited goes on when the list is free, the mirror too, and not when a pause of its own is over.
        QVERIFY2(sinceRelease.elapsed() < GoneOnMs, qPrintable(u"%1 ms"_s.arg(sinceRelease.elapsed())));
        QVERIFY(m_long.hasLogged("writing works again"));
    }

private:
    /// Photos are under way, none need have ended.
    static bool isUnderWay(const World &world) { return world.folders.rows(u"fact_upload_attempts"_s) > 0; }

    static void verifyAll(World &world)
    {
        const CliAnswer answer = world.cli.finish();
        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->succeeded, Photos);
        QCOMPARE(world.folders.violations(), QString());
    }

    std::unique_ptr<World> m_finished; ///< all of its photos have arrived
    World m_long;
    std::unique_ptr<DatabaseHolder> m_longHolder;
    QElapsedTimer m_held;
};

QTEST_GUILESS_MAIN(TestF15Locked)
#include "tst_f15_locked.moc"
