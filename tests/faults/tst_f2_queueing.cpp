#include "tests/faults/checker/rows.h"
#include "tests/faults/faultfolders.h"
#include "tests/faults/queuelane.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <array>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using faults::FileFault;
using faults::QueueLane;
using faults::QueueRun;

namespace {

constexpr int Photos = 5;
constexpr int Lanes = 4;       ///< points at the same time
constexpr int LeastCalls = 60; ///< that queueing five photos takes: with fewer, some were not seen

/// What holds whenever a run ended, however it ended: each question counts what is there in part.
const QStringList InPart{
    u"SELECT count(*) FROM queue_batches b WHERE (SELECT count(*) FROM queue_items i WHERE i.batch_row = b.batch_row) NOT IN (0, 5)"_s,
    u"SELECT count(*) FROM queue_batches WHERE batch_id NOT IN (SELECT batch_id FROM dim_batches)"_s,
    u"SELECT count(*) FROM dim_batches WHERE batch_key <> 0 AND batch_id NOT IN (SELECT batch_id FROM queue_batches)"_s,
    u"SELECT count(*) FROM dim_batches b WHERE batch_key <> 0 AND NOT EXISTS (SELECT 1 FROM outbox WHERE json LIKE '%' || b.batch_id || '%')"_s,
    u"SELECT (SELECT count(*) FROM queue_items) - (SELECT coalesce(sum(num_items), 0) FROM queue_counts)"_s,
    u"SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"_s,
    u"SELECT count(*) FROM pragma_foreign_key_check"_s,
};

bool takesEveryPoint()
{
    return qEnvironmentVariableIsSet("PHOTOLIFT_ALL_POINTS"); // the long form
}

}

/// F2: five photos are queued, and one call after the other that writes SQLite's files fails, once or for ever, or is the last one
/// of the process; and again while the next start recovers. Rows are there wholly or not at all, and what was told is there.
class TestF2Queueing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void eachCallWhileQueueing_data();
    void eachCallWhileQueueing();
    void eachCallWhileTheTablesAreMade_data() { eachCallWhileQueueing_data(); }
    void eachCallWhileTheTablesAreMade();
    void eachCallWhileRecovering_data() { eachCallWhileQueueing_data(); }
    void eachCallWhileRecovering();
    void eachPassOfEachMarker_data();
    void eachPassOfEachMarker();
    void theRealProgramGoesOn_data() { eachCallWhileQueueing_data(); }
    void theRealProgramGoesOn();

private:
    /// What the process finds: no file, a queue with a drop in it, or one that a kill left with half a transaction in its log.
    enum class Start { Nothing, Queued, Killed };
    /// A fault at a call, and then a start without one.
    struct Point {
        std::unique_ptr<QueueLane> lane;
        qint64 at = 0;
        QList<QueueRun> runs;
        QString met;   ///< empty: there was no such call any more
        QString wrong; ///< empty: nothing
    };

    void prepare(Point &point, Start start) const;
    /// Several points at the same time.
    void meet(FileFault fault, Start start);
    void meetEach(Start start, qint64 step, int leastPoints);
    /// What is wrong with the database, given what the runs on it told; empty: nothing.
    static QString wrong(const QueueLane &lane, const QList<QueueRun> &runs);

    FaultFolders m_folders; // photos that the real program finds
    // In memory where there is such a place: 1,500 short runs wait for no disk, and what a kill leaves is the same.
    QTemporaryDir m_folder{(QDir(u"/dev/shm"_s).exists() ? u"/dev/shm"_s : QDir::tempPath()) + u"/photolift-f2-XXXXXX"_s};
    std::array<Point, Lanes> m_points;
};

void TestF2Queueing::initTestCase()
{
    for (int i = 0; i < Photos; ++i)
        QVERIFY(m_folders.writePhoto(QByteArray::number(i) + ".jpg", i));
    QVERIFY(m_folders.remember());
    for (int i = 0; i < Lanes; ++i)
        m_points.at(i).lane = std::make_unique<QueueLane>(m_folder.filePath(QString::number(i)), m_folders.sourceText());

    const QueueLane &lane = *m_points.front().lane;
    lane.empty();
    QVERIFY(m_points.front().lane->run().hasSaid("done"));
    QVERIFY2(lane.calls() > 0, "nothing was counted: is the library loaded?");
    QVERIFY(QFile::copy(lane.database(), m_folder.filePath(u"queued.db"_s)));

    QueueRun killed;
    for (qint64 at = 1; !killed.hasSaid("accepted"); ++at) {
        prepare(m_points.front(), Start::Queued);
        killed = m_points.front().lane->run(FileFault::TornKill, at);
        QVERIFY(!lane.met().isEmpty() && !killed.hasSaid("done"));
    }
    QVERIFY(!killed.hasSaid("found"));
    QVERIFY(QFile::copy(lane.database(), m_folder.filePath(u"killed.db"_s)));
    QVERIFY(QFile::copy(lane.database() + u"-wal"_s, m_folder.filePath(u"killed.db-wal"_s)));
}

QString TestF2Queueing::wrong(const QueueLane &lane, const QList<QueueRun> &runs)
{
    const auto rows = check::Rows::open(lane.database());
    if (!rows)
        return rows.error().detail;
    for (const QString &question : InPart) {
        if (const qint64 found = (*rows)->number(question); found != 0)
            return u"%1: %2"_s.arg(found).arg(question);
    }
    const auto told = [&runs](const char *word) { return std::count_if(runs.begin(), runs.end(), [word](const QueueRun &run) { return run.hasSaid(word); }); };
    for (const auto &[word, question, each] : {std::tuple{"accepted", u"SELECT count(*) FROM queue_batches"_s, 1},
                                               {"found", u"SELECT count(*) FROM queue_items"_s, Photos},
                                               {"counted", u"SELECT count(*) FROM queue_batches WHERE is_counted"_s, 1}}) {
        if (const qint64 there = (*rows)->number(question); there < told(word) * each)
            return u"%1 of %2 that were told as %3 are there"_s.arg(there).arg(told(word) * each).arg(QLatin1StringView(word));
    }
    return {};
}

void TestF2Queueing::prepare(Point &point, Start start) const
{
    const QueueLane &lane = *point.lane;
    lane.empty();
    point.runs.clear();
    point.wrong.clear();
    if (start == Start::Queued) {
        point.runs.append({{"accepted", "found", "counted"}});
        QFile::copy(m_folder.filePath(u"queued.db"_s), lane.database());
    } else if (start == Start::Killed) {
        point.runs.append({{"accepted", "found", "counted"}});
        point.runs.append({{"accepted"}});
        QFile::copy(m_folder.filePath(u"killed.db"_s), lane.database());
        QFile::copy(m_folder.filePath(u"killed.db-wal"_s), lane.database() + u"-wal"_s);
    }
}

void TestF2Queueing::meet(FileFault fault, Start start)
{
    for (Point &point : m_points) {
        prepare(point, start);
        point.lane->start(fault, point.at);
    }
    for (Point &point : m_points) {
        point.runs.append(point.lane->finish());
        point.met = point.lane->met();
        // Without the word "opened" a database that was new may not be one yet.
        if (start != Start::Nothing || point.runs.last().hasSaid("opened"))
            point.wrong = wrong(*point.lane, point.runs);
    }
    for (Point &point : m_points)
        point.lane->start(FileFault::None, 0);
    for (Point &point : m_points) {
        point.runs.append(point.lane->finish());
        if (point.wrong.isEmpty())
            point.wrong = point.runs.last().hasSaid("done") ? wrong(*point.lane, point.runs) : u"the next start does not work"_s;
    }
}

void TestF2Queueing::eachCallWhileQueueing_data()
{
    QTest::addColumn<FileFault>("fault");
    QTest::newRow("an error, once") << FileFault::IoError;
    QTest::newRow("an error, for ever") << FileFault::IoErrorForEver;
    QTest::newRow("no space, once") << FileFault::NoSpace;
    QTest::newRow("no space, for ever") << FileFault::NoSpaceForEver;
    QTest::newRow("killed before") << FileFault::Kill;
    QTest::newRow("killed half way through") << FileFault::TornKill;
}

void TestF2Queueing::meetEach(Start start, qint64 step, int leastPoints)
{
    QFETCH(const FileFault, fault);
    int met = 0;
    qint64 at = 1;
    for (bool isOver = false; !isOver;) {
        for (Point &point : m_points) {
            point.at = at;
            at += step;
        }
        meet(fault, start);
        for (const Point &point : std::as_const(m_points)) {
            isOver |= point.met.isEmpty();
            met += point.met.isEmpty() ? 0 : 1;
            QVERIFY2(point.wrong.isEmpty(), qPrintable(u"call %1, %2: %3"_s.arg(QString::number(point.at), point.met, point.wrong)));
        }
    }
    qInfo("n = %d, each %lld. call", met, step);
    QVERIFY2(met >= leastPoints, qPrintable(u"%1 of at least %2"_s.arg(met).arg(leastPoints)));
}

void TestF2Queueing::eachCallWhileQueueing()
{
    meetEach(Start::Queued, 1, LeastCalls);
}

/// Making the tables is no queueing, and some 1,500 calls: the short form takes eight of them.
void TestF2Queueing::eachCallWhileTheTablesAreMade()
{
    QueueLane &lane = *m_points.front().lane;
    lane.empty();
    QVERIFY(lane.run().hasSaid("done"));
    const qint64 calls = lane.calls();
    if (takesEveryPoint())
        meetEach(Start::Nothing, 1, int(calls) - 20);
    else
        meetEach(Start::Nothing, calls / 8, 7);
}

void TestF2Queueing::eachCallWhileRecovering()
{
    meetEach(Start::Killed, 1, LeastCalls);
}

void TestF2Queueing::eachPassOfEachMarker_data()
{
    QTest::addColumn<bool>("isNew"); // the tables are made, too
    QTest::newRow("store.migrate.before") << true;
    QTest::newRow("store.migrate.after") << true;
    QTest::newRow("store.commit.before") << false;
    QTest::newRow("store.commit.after") << false;
}

void TestF2Queueing::eachPassOfEachMarker()
{
    QFETCH(const bool, isNew);
    const QString marker = QString::fromLatin1(QTest::currentDataTag());
    Point &point = m_points.front();
    int passes = 0;
    for (bool isOver = false; !isOver; ++passes) {
        prepare(point, isNew ? Start::Nothing : Start::Queued);
        point.runs.append(point.lane->run(FileFault::None, 0, u"%1#%2"_s.arg(marker).arg(passes + 1)));
        isOver = point.runs.last().hasSaid("done");
        if (!isOver)
            point.runs.append(point.lane->run());
        QVERIFY2(point.runs.last().hasSaid("done"), qPrintable(u"the next start does not work after pass %1"_s.arg(passes + 1)));
        const QString what = wrong(*point.lane, point.runs);
        QVERIFY2(what.isEmpty(), qPrintable(u"pass %1: %2"_s.arg(passes + 1).arg(what)));
    }
    qInfo("n = %d passes", passes - 1);
    QVERIFY2(passes > 1, "nobody comes by this marker");
}

/// Half way through, and then the CLI with its server: it uploads whatever is queued, and the nine invariants hold.
void TestF2Queueing::theRealProgramGoesOn()
{
    QFETCH(const FileFault, fault);
    Point &point = m_points.front();
    QueueLane &lane = *point.lane;
    prepare(point, Start::Queued);
    lane.run(fault, LeastCalls / 2);
    QVERIFY(!lane.met().isEmpty());

    support::CliRun cli(lane.dataFolder());
    const support::CliAnswer answer = cli.run({u"retry"_s, u"--all"_s, u"--wait"_s, u"60s"_s});

    QVERIFY2(answer.exitCode == 0, qPrintable(answer.toText())); // where both drops are there, each photo is told twice
    const auto rows = check::Rows::open(lane.database());
    QVERIFY(rows);
    QVERIFY((*rows)->number(u"SELECT count(*) FROM queue_items"_s) >= Photos);
    QCOMPARE((*rows)->number(u"SELECT count(*) FROM queue_items WHERE state NOT IN ('succeeded', 'duplicate')"_s), 0);
    QCOMPARE(support::violations({lane.dataFolder()}, lane.dataFolder() + u"/server"_s, m_folders.snapshot()).join(u'\n'), QString());
}

QTEST_GUILESS_MAIN(TestF2Queueing)
#include "tst_f2_queueing.moc"
