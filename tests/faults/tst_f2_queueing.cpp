#include "tests/faults/checker/rows.h"
#include "tests/faults/faultyrun.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultyRun;
using faults::FileFault;

namespace {

constexpr int Photos = 5;

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

struct QueueRun {
    QByteArrayList told;
    bool hasSaid(const char *word) const { return told.contains(word); }
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

private:
    QString database() const { return m_folder.filePath(u"data/photolift.db"_s); }
    void empty() const;
    QueueRun queue(FileFault fault, qint64 at, const QString &killAt = {});
    /// What is wrong with the database, given what the runs on it told; empty: nothing.
    QString wrong(const QList<QueueRun> &runs) const;
    /// What the process finds: no file, a queue with a drop in it, or one that a kill left with half a transaction in its log.
    enum class Start { Nothing, Queued, Killed };
    /// The fault at this call, then a start without one; false when there was no such call any more.
    bool meet(FileFault fault, qint64 at, Start start);
    void meetEach(Start start, qint64 step, int leastPoints);

    // In memory where there is such a place: 1,500 short runs wait for no disk, and what a kill leaves is the same.
    QTemporaryDir m_folder{(QDir(u"/dev/shm"_s).exists() ? u"/dev/shm"_s : QDir::tempPath()) + u"/photolift-f2-XXXXXX"_s};
    FaultyRun m_faulty{QFile::encodeName(m_folder.path()) + "/data"};
    qint64 m_points = 0;
};

void TestF2Queueing::initTestCase()
{
    empty();
    QVERIFY(queue(FileFault::None, 0).hasSaid("done"));
    QVERIFY2(m_faulty.calls() > 0, "nothing was counted: is the library loaded?");
    QVERIFY(QFile::copy(database(), m_folder.filePath(u"queued.db"_s)));

    QueueRun killed;
    for (qint64 at = 1; !killed.hasSaid("accepted"); ++at) {
        empty();
        QVERIFY(QFile::copy(m_folder.filePath(u"queued.db"_s), database()));
        killed = queue(FileFault::TornKill, at);
        QVERIFY(!m_faulty.met().isEmpty() && !killed.hasSaid("done"));
    }
    QVERIFY(!killed.hasSaid("found"));
    QVERIFY(QFile::copy(database(), m_folder.filePath(u"killed.db"_s)));
    QVERIFY(QFile::copy(database() + u"-wal"_s, m_folder.filePath(u"killed.db-wal"_s)));
}

void TestF2Queueing::empty() const
{
    QDir(m_folder.filePath(u"data"_s)).removeRecursively();
    QDir().mkpath(m_folder.filePath(u"data"_s));
}

QueueRun TestF2Queueing::queue(FileFault fault, qint64 at, const QString &killAt)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!killAt.isEmpty())
        environment.insert(u"PHOTOLIFT_KILL_AT"_s, killAt);
    for (const QString &line : m_faulty.environment(fault, at))
        environment.insert(line.section(u'=', 0, 0), line.section(u'=', 1));
    QProcess process;
    process.setProcessEnvironment(environment);
    // A disk that is full for ever is not waited for; one that is full once is, and the writer looks again twice a second.
    const bool isFullForEver = fault == FileFault::NoSpaceForEver;
    process.start(qEnvironmentVariable("PHOTOLIFT_BIN") + u"/queueonce"_s, {database(), isFullForEver ? u"20"_s : u"30000"_s});
    process.waitForFinished(60000);
    return {process.readAllStandardOutput().split('\n')};
}

QString TestF2Queueing::wrong(const QList<QueueRun> &runs) const
{
    const auto rows = check::Rows::open(database());
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

bool TestF2Queueing::meet(FileFault fault, qint64 at, Start start)
{
    empty();
    QList<QueueRun> runs;
    if (start != Start::Nothing)
        runs.append({{"accepted", "found", "counted"}});
    if (start == Start::Queued)
        QFile::copy(m_folder.filePath(u"queued.db"_s), database());
    if (start == Start::Killed) {
        runs.append({{"accepted"}});
        QFile::copy(m_folder.filePath(u"killed.db"_s), database());
        QFile::copy(m_folder.filePath(u"killed.db-wal"_s), database() + u"-wal"_s);
    }
    runs.append(queue(fault, at));
    const QString met = m_faulty.met();
    if (met.isEmpty())
        return false;
    ++m_points;
    // Without the word "opened" a database that was new may not be one yet.
    QString what = start == Start::Nothing && !runs.last().hasSaid("opened") ? QString() : wrong(runs);
    if (what.isEmpty()) {
        runs.append(queue(FileFault::None, 0));
        what = runs.last().hasSaid("done") ? wrong(runs) : u"the next start does not work"_s;
    }
    return QTest::qVerify(what.isEmpty(), qPrintable(u"call %1, %2"_s.arg(at).arg(met)), qPrintable(what), __FILE__, __LINE__);
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
    // A disk that is full once is looked at again half a second later, which is all the time of such a point.
    if (fault == FileFault::NoSpace && !takesEveryPoint())
        step *= 9;
    m_points = 0;
    // The short form takes every second call, the odd ones of one fault and the even ones of its neighbour (once or for ever, before or
    // half way through).
    qint64 at = step == 1 ? 1 : 1 + int(fault) % 2;
    while (meet(fault, at, start))
        at += step;
    qInfo("n = %lld of %lld calls", m_points, at - 1);
    QVERIFY(QTest::currentTestFailed() || m_points * step >= leastPoints);
}

void TestF2Queueing::eachCallWhileQueueing()
{
    meetEach(Start::Queued, takesEveryPoint() ? 1 : 2, 15);
}

void TestF2Queueing::eachCallWhileTheTablesAreMade()
{
    empty();
    QVERIFY(queue(FileFault::None, 0).hasSaid("done"));
    const qint64 calls = m_faulty.calls();
    meetEach(Start::Nothing, takesEveryPoint() ? 1 : calls / 6, int(calls) - 20);
}

void TestF2Queueing::eachCallWhileRecovering()
{
    meetEach(Start::Killed, takesEveryPoint() ? 1 : 5, 15);
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
    int passes = 0;
    for (bool isOver = false; !isOver; ++passes) {
        empty();
        QList<QueueRun> runs;
        if (!isNew) {
            QVERIFY(QFile::copy(m_folder.filePath(u"queued.db"_s), database()));
            runs.append({{"accepted", "found", "counted"}});
        }
        runs.append(queue(FileFault::None, 0, u"%1#%2"_s.arg(marker).arg(passes + 1)));
        isOver = runs.last().hasSaid("done");
        if (!isOver)
            runs.append(queue(FileFault::None, 0));
        QVERIFY2(runs.last().hasSaid("done"), qPrintable(u"the next start does not work after pass %1"_s.arg(passes + 1)));
        QVERIFY2(wrong(runs).isEmpty(), qPrintable(u"pass %1: %2"_s.arg(passes + 1).arg(wrong(runs))));
    }
    qInfo("n = %d passes", passes - 1);
    QVERIFY2(passes > 1, "nobody comes by this marker");
}

QTEST_GUILESS_MAIN(TestF2Queueing)
#include "tst_f2_queueing.moc"
