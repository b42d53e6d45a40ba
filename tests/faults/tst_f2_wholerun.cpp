#include "tests/faults/faultfolders.h"
#include "tests/faults/faultyrun.h"
#include "tests/faults/proxiedworld.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using faults::FaultyRun;
using faults::FileFault;
using support::CliAnswer;
using support::CliRun;

namespace {

constexpr int Photos = 3;
constexpr int MostRunMs = 60'000; ///< the 2 s of --wait, the client's patience with its disk at the end, and a busy machine
constexpr int PointsOfEach = 2; ///< one of what is for ever, which costs the client's patience: n = 12; the long form takes every call

/// In a folder that is new: the client's and the server's tables are made in it too.
struct World {
    World()
    {
        isMade = true;
        for (int i = 0; i < Photos; ++i)
            isMade &= folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i);
        isMade &= folders.remember();
    }
    FaultFolders folders;
    CliRun cli{folders.data()};
    FaultyRun faulty{QFile::encodeName(folders.data())};
    bool isMade = false;
};

bool takesEveryPoint()
{
    return qEnvironmentVariableIsSet("PHOTOLIFT_ALL_POINTS"); // the long form
}

// Most calls make the tables, at the start: what comes behind them is where photos are. Each fault looks at other calls.
qint64 stepOf(FileFault fault, qint64 calls)
{
    const bool isForEver = fault == FileFault::IoErrorForEver || fault == FileFault::NoSpaceForEver;
    return takesEveryPoint() ? 1 : calls / (isForEver ? 1 : PointsOfEach);
}

qint64 firstCall(FileFault fault, qint64 calls)
{
    return takesEveryPoint() ? 1 : 1 + stepOf(fault, calls) * qint64(fault) / 8;
}

}

/// F2 and F13 from the outside: a whole upload, client and server, in which one of the calls that change a file fails, once or from
/// then on, or is the last one of its process or of both. The same command again brings every photo to its end.
class TestF2WholeRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whateverCallItIs_data();
    void whateverCallItIs();
    void killedAtTheMarkersOfQueueing_data();
    void killedAtTheMarkersOfQueueing();
    void whatTheSystemCalledItStandsInTheRecords();

private:
    QStringList upload(const World &world, const QString &wait) const
    {
        return {u"upload"_s, world.folders.sourceText(), u"--tuning"_s, m_tuning.fileName(), u"--wait"_s, wait};
    }
    std::unique_ptr<World> begin(FileFault fault, qint64 at) const;
    void meet(FileFault fault, qint64 at) { end(begin(fault, at), at); }
    void end(std::unique_ptr<World> world, qint64 at);
    /// The same command again brings all of it to its end.
    void verifyGoesOn(World &world, const CliAnswer &broken, const QString &met) const;

    std::unique_ptr<World> m_waiting; ///< of the disk that is full for ever: seconds of patience go by while others are met
    QTemporaryFile m_tuning{QDir::tempPath() + u"/tuning"_s};
    qint64 m_calls = 0;
};

void TestF2WholeRun::initTestCase()
{
    if (QFile::exists(u"/dev/shm"_s))
        qputenv("TMPDIR", "/dev/shm"); // what a kill leaves is the same in memory, and a busy disk has no part in it
    QVERIFY(m_tuning.open() && m_tuning.write(faults::testTuning()) > 0 && m_tuning.flush());
    World world;
    QVERIFY(world.isMade);
    world.cli.setEnvironment(world.faulty.environment(FileFault::None, 0));
    const CliAnswer answer = world.cli.run(upload(world, u"60s"_s));
    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    m_calls = world.faulty.calls();
    QVERIFY2(m_calls > 100, "next to nothing was counted: is the library loaded?");
    qInfo("%lld calls change a file", m_calls);
    if (!takesEveryPoint())
        m_waiting = begin(FileFault::NoSpaceForEver, firstCall(FileFault::NoSpaceForEver, m_calls));
}

void TestF2WholeRun::whateverCallItIs_data()
{
    QTest::addColumn<FileFault>("fault");
    QTest::newRow("an error, once") << FileFault::IoError;
    QTest::newRow("an error, for ever") << FileFault::IoErrorForEver;
    QTest::newRow("no space, once") << FileFault::NoSpace;
    QTest::newRow("killed before") << FileFault::Kill;
    QTest::newRow("killed half way through") << FileFault::TornKill;
    QTest::newRow("client and server killed at once") << FileFault::PowerCut;
    QTest::newRow("no space, for ever") << FileFault::NoSpaceForEver; // begun first
}

void TestF2WholeRun::whateverCallItIs()
{
    QFETCH(const FileFault, fault);
    if (m_waiting && fault == FileFault::NoSpaceForEver)
        return end(std::move(m_waiting), firstCall(fault, m_calls));
    for (qint64 at = firstCall(fault, m_calls); at <= m_calls && !QTest::currentTestFailed(); at += stepOf(fault, m_calls))
        meet(fault, at);
}

std::unique_ptr<World> TestF2WholeRun::begin(FileFault fault, qint64 at) const
{
    auto world = std::make_unique<World>();
    world->cli.setEnvironment(world->faulty.environment(fault, at));
    world->isMade = world->isMade && world->cli.start(upload(*world, u"2s"_s));
    return world;
}

void TestF2WholeRun::end(std::unique_ptr<World> begun, qint64 at)
{
    World &world = *begun;
    QVERIFY(world.isMade);
    const CliAnswer broken = world.cli.finish(60000);
    const QString met = u"call %1, %2: "_s.arg(at).arg(world.faulty.met());
    world.cli.setEnvironment({});
    // Each run is a little different: at the end of one there may be no such call any more.
    QVERIFY2(at > m_calls / 2 || !world.faulty.met().isEmpty(), qPrintable(met));
    // It ends by itself, or at once as ordered: it never hangs until somebody kills it.
    QVERIFY2(broken.durationMs < MostRunMs, qPrintable(met + broken.toText()));
    if (!broken.wasKilled)
        QVERIFY2(broken.faults.isEmpty(), qPrintable(met + broken.toText()));
    verifyGoesOn(world, broken, met);
}

void TestF2WholeRun::verifyGoesOn(World &world, const CliAnswer &broken, const QString &met) const
{
    const CliAnswer answer = world.cli.run(upload(world, u"60s"_s));
    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(met + answer.toText()));
    QCOMPARE(answer.summary->found, Photos);
    QVERIFY2(answer.summary->succeeded + answer.summary->duplicate == Photos, qPrintable(met + answer.toText()));
    // What the first run told as done is there, under the hash that it told.
    for (const support::CliPhoto &photo : broken.photos) {
        if (photo.status == "succeeded"_L1)
            QVERIFY2(answer.photo(photo.path) && answer.photo(photo.path)->sha256 == photo.sha256, qPrintable(met));
    }
    QCOMPARE(faults::numberFrom(world.folders.server() + u"/server.sqlite"_s, u"SELECT count(*) FROM server_assets"_s), Photos);
    QCOMPARE(FaultFolders::filesBelow(QFile::encodeName(world.folders.server() + u"/objects"_s)).size(), Photos);
    const QString violations = world.folders.violations();
    QVERIFY2(violations.isEmpty(), qPrintable(met + violations));
}

void TestF2WholeRun::killedAtTheMarkersOfQueueing_data()
{
    // Those of the list itself: tst_f2_queueing. Of later stages: F8 to F10.
    QTest::addColumn<QString>("marker");
    for (const QString &marker : {u"pipeline.walk.batch"_s, u"pipeline.queued"_s})
        QTest::newRow(qPrintable(marker)) << marker;
}

void TestF2WholeRun::killedAtTheMarkersOfQueueing()
{
    QFETCH(const QString, marker);
    World world;
    QVERIFY(world.isMade);
    world.cli.setEnvironment({u"PHOTOLIFT_KILL_AT="_s + marker});
    const CliAnswer broken = world.cli.run(upload(world, u"60s"_s));
    QVERIFY2(broken.wasKilled, qPrintable(broken.toText()));
    QVERIFY(world.folders.rows(u"queue_items"_s) == 0 || world.folders.rows(u"queue_items"_s) == Photos); // wholly or not at all
    world.cli.setEnvironment({});
    verifyGoesOn(world, broken, marker);
}

void TestF2WholeRun::whatTheSystemCalledItStandsInTheRecords()
{
    World world;
    QVERIFY(world.isMade);
    FaultyRun fullForPictures(QFile::encodeName(world.folders.server() + u"/derived"_s));
    world.cli.setEnvironment(fullForPictures.environment(FileFault::NoSpaceForEver, 1));

    const CliAnswer answer = world.cli.run(upload(world, u"20s"_s)); // longer than the server needs until it stores pictures

    QVERIFY2(answer.faults.isEmpty(), qPrintable(answer.toText()));
    const QString full = u"fact_upload_errors WHERE error_code = 'STORAGE_NO_SPACE' AND json_extract(error_context, '$.os_errno') = %1"_s.arg(ENOSPC);
    QVERIFY2(faults::numberFrom(world.folders.server() + u"/server.sqlite"_s, u"SELECT count(*) FROM "_s + full) > 0, qPrintable(fullForPictures.met()));
    QVERIFY(world.folders.rows(full) > 0);
}

QTEST_GUILESS_MAIN(TestF2WholeRun)
#include "tst_f2_wholerun.moc"
