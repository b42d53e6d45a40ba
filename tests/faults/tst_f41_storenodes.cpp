#include "models/vocabulary/ids.h"
#include "tests/faults/proxiedworld.h"
#include "tests/support/organisationcopy.h"
#include "tests/support/organisationrun.h"
#include "tests/support/smallphotos.h"

#include <QTemporaryFile>
#include <QTest>

#include <csignal>
#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CephGateway;
using support::CliAnswer;
using support::OrganisationRun;

namespace {
constexpr qint64 PhotoBytes = 300'000; ///< one part each, so one PUT
constexpr qint64 MostTimesSlower = 5;  ///< PUT p99 with a part of the store away or slow
constexpr qint64 LeastP99Ms = 100;     ///< below it, the times are the machine's
constexpr int MostRounds = 3;         ///< of a comparison: a machine that stands still for a moment is not the store's doing
constexpr qint64 SettledMs = 8000;     ///< the daemons' own heartbeats have noticed a dead one by then
/// What the client's list has as told by the server: the bytes of this photo are right.
const QString Acknowledged = u"fact_upload_stages WHERE stage_name = 'verification' AND is_successful = 1"_s;
/// A node whose disk lets it wait again and again: for three quarters of the time the daemon does nothing at all. Until it is destroyed.
class SlowNode
{
    Q_DISABLE_COPY_MOVE(SlowNode)
public:
    explicit SlowNode(qint64 process)
        : m_thread([process](const std::stop_token &isOver) {
            while (!isOver.stop_requested()) {
                ::kill(static_cast<pid_t>(process), SIGSTOP);
                std::this_thread::sleep_for(std::chrono::milliseconds(120)); // no condition is waited for: this is the fault
                ::kill(static_cast<pid_t>(process), SIGCONT);
                std::this_thread::sleep_for(std::chrono::milliseconds(40));
            }
        })
    {
    }
    ~SlowNode() = default;

private:
    std::jthread m_thread;
};

} // namespace

/// F41: a store that keeps each object three times loses one of its three object daemons while a shoot arrives, then a second one.
class TestF41StoreNodes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aSlowNodeSlowsPhotosWithinBounds();
    void oneOfThreeIsKilledAndNothingIsLost();
    void withASecondOneKilledTheQueueWaits();

private:
    /// So many further photos in the source folder, and the upload of all begun.
    bool begin(support::CliRun &cli, int photos);
    qint64 acknowledged() const { return m_folders.rows(Acknowledged); }
    /// The slowest of a hundred PUTs that began in that time, in ms, links and answer included.
    qint64 slowPutMs(qint64 fromMs, qint64 toMs) const;
    /// How often a question was told since then that the store is away.
    qint64 toldAway(qint64 sinceMs) const
    {
        return m_folders.rows(
            u"fact_upload_errors WHERE error_code = 'STORAGE_NOT_READY' AND error_context LIKE '%\"stage\":\"initiation\"%' AND error_timestamp > %1"_s
                .arg(sinceMs));
    }
    QStringList violations();
    /// The photos of a run that began then: at most so much slower than `before`.
    bool isSoonEnough(qint64 sinceMs, qint64 before) const;

    OrganisationRun m_organisation;
    faults::FaultFolders m_folders;
    QTemporaryFile m_tuning;
    int m_photos = 0;
};

void TestF41StoreNodes::initTestCase()
{
    QVERIFY2(m_organisation.start(CephGateway::Daemons::Three), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QVERIFY(m_tuning.open() && m_tuning.write(faults::testTuning()) > 0 && m_tuning.flush());
}

bool TestF41StoreNodes::begin(support::CliRun &cli, int photos)
{
    for (int i = 0; i < photos; ++i, ++m_photos)
        support::writeJpeg(m_folders.sourceText() + u"/IMG_%1.JPG"_s.arg(m_photos), m_photos, PhotoBytes + m_photos);
    // A device token of its own: of one only so many exchanges a minute are allowed, and whoever has used them up waits.
    const QString token = m_organisation.tokenFileFor(u"anna"_s);
    return m_folders.remember() && cli.start({u"upload"_s, m_folders.sourceText(), u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, token, u"--tuning"_s, m_tuning.fileName(), u"--wait"_s, u"120s"_s});
}

qint64 TestF41StoreNodes::slowPutMs(qint64 fromMs, qint64 toMs) const
{
    const QString puts =
        u"FROM fact_upload_stages WHERE stage_name = 'transfer' AND is_successful = 1 AND stage_start_timestamp BETWEEN %1 AND %2"_s
            .arg(fromMs)
            .arg(toMs);
    return faults::numberFrom(m_folders.data() + u"/photolift.db"_s,
                              u"SELECT stage_duration_ms %1 ORDER BY stage_duration_ms LIMIT 1 OFFSET (SELECT count(*) * 99 / 100 %1)"_s
                                  .arg(puts));
}

QStringList TestF41StoreNodes::violations()
{
    const QTemporaryDir fresh;
    const QString copy = fresh.filePath(u"copy"_s);
    const QString failure = support::copyOrganisation(m_organisation, copy, u"anna"_s);
    return failure.isEmpty() ? support::violations({m_folders.data()}, copy, m_folders.snapshot()) : QStringList{failure};
}

bool TestF41StoreNodes::isSoonEnough(qint64 sinceMs, qint64 before) const
{
    const qint64 slow = slowPutMs(sinceMs, nowMs());
    qInfo() << "PUT p99 ms, before:" << before << "then:" << slow;
    return before > 0 && slow > 0 && slow <= MostTimesSlower * std::max(before, LeastP99Ms);
}

void TestF41StoreNodes::aSlowNodeSlowsPhotosWithinBounds()
{
    bool isSoon = false;
    for (int round = 0; round < MostRounds && !isSoon; ++round) {
        constexpr int Photos = 20;
        support::CliRun cli(m_folders.data());
        const qint64 begunMs = nowMs();
        QVERIFY(begin(cli, Photos));
        CliAnswer answer = cli.finish(120'000);
        QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
        const qint64 before = slowPutMs(begunMs, nowMs());

        const qint64 slowSinceMs = nowMs();
        {
            const SlowNode slow(m_organisation.store().daemonProcess(2));
            QVERIFY(begin(cli, Photos));
            answer = cli.finish(120'000);
        }

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
        isSoon = isSoonEnough(slowSinceMs, before);
    }
    QVERIFY(isSoon);
    QCOMPARE(violations(), QStringList());
}

void TestF41StoreNodes::oneOfThreeIsKilledAndNothingIsLost()
{
    bool isSoon = false;
    for (int round = 0; round < MostRounds && !isSoon; ++round) {
        constexpr int Photos = 60;
        QVERIFY(round == 0 || m_organisation.store().startDaemon(0));
        support::CliRun cli(m_folders.data());
        const qint64 begunMs = nowMs();
        const qint64 arrived = acknowledged();
        QVERIFY(begin(cli, Photos));
        QTRY_VERIFY_WITH_TIMEOUT(acknowledged() >= arrived + 20, 60'000);

        m_organisation.store().killDaemon(0);
        const qint64 killedMs = nowMs();
        const qint64 before = acknowledged() - arrived;
        QVERIFY2(cli.isRunning() && before < Photos, qPrintable(QString::number(before)));
        const CliAnswer answer = cli.finish(200'000);

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
        qInfo() << "acknowledged before the kill:" << before;
        isSoon = isSoonEnough(killedMs, slowPutMs(begunMs, killedMs));
    }
    QVERIFY(isSoon);
    // Read back from the two that are left, while the third is still away.
    QCOMPARE(violations(), QStringList());
}

void TestF41StoreNodes::withASecondOneKilledTheQueueWaits()
{
    constexpr int Photos = 60; // so many that questions are left to ask
    support::CliRun cli(m_folders.data());
    const qint64 arrived = acknowledged();
    QVERIFY(begin(cli, Photos));
    QTRY_VERIFY_WITH_TIMEOUT(acknowledged() >= arrived + 10, 60'000);

    m_organisation.store().killDaemon(1);
    const qint64 killedMs = nowMs();
    QVERIFY(cli.isRunning() && acknowledged() < m_photos);
    // Long before the client would take its line for broken.
    QTRY_VERIFY_WITH_TIMEOUT(toldAway(killedMs) >= 1, 60'000);
    const qint64 toldMs = nowMs() - killedMs;
    // What was on its way when the daemon died has ended by then: with one copy left nothing is read or written.
    QCOMPARE(m_folders.rows(Acknowledged + u" AND stage_end_timestamp > %1"_s.arg(killedMs + SettledMs)), 0);
    QCOMPARE(m_folders.rows(u"queue_items WHERE state = 'needs_you'"_s), 0);
    QVERIFY(cli.isRunning());

    QVERIFY(m_organisation.store().startDaemon(1));
    const CliAnswer answer = cli.finish(200'000);

    qInfo() << "told after ms:" << toldMs << "times:" << toldAway(killedMs);
    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos,
             qPrintable(answer.toText()));
    QCOMPARE(acknowledged(), m_photos);
    // Nobody was sent to their line or their cable for it.
    QCOMPARE(m_folders.rows(u"fact_upload_errors WHERE error_code = 'TRANSFER_TIMEOUT'"_s), 0);
    QCOMPARE(violations(), QStringList());
}

QTEST_GUILESS_MAIN(TestF41StoreNodes)
#include "tst_f41_storenodes.moc"
