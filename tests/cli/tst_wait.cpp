#include "tests/faults/proxiedworld.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QTest>
#include <QTimer>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using faults::ProxiedWorld;
using support::CliAnswer;
using support::CliRun;
using support::FaultProxy;

namespace {
const QStringList Wait{u"--wait"_s, u"3s"_s};
constexpr int GiveUpMs = 60000; ///< then it is killed: nobody waited that long who did not take failing tries for progress
}

/// `--wait` is how long a command is patient with photos that get no further, whatever is tried meanwhile.
class TestWait : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFileThatNeverStandsStillIsNotWaitedForLonger();
    void triesThatFailAreNoProgress_data();
    void triesThatFailAreNoProgress();
    void aSlowLinkIsProgress();
};

void TestWait::aFileThatNeverStandsStillIsNotWaitedForLonger()
{
    FaultFolders folders;
    QVERIFY(folders.write("recording.jpg", support::jpegBytes(1, 100'000)));
    QFile file(QFile::decodeName(folders.path("recording.jpg")));
    QVERIFY(file.open(QIODevice::Append | QIODevice::Unbuffered));
    QTimer writer;
    connect(&writer, &QTimer::timeout, &file, [&file] { file.write(QByteArray(2000, 'x')); });
    writer.start(100);
    CliRun cli(folders.data());

    const CliAnswer answer = cli.run(QStringList{u"upload"_s, folders.sourceText()} + Wait, GiveUpMs);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 1, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->failed, 1);
    QVERIFY2(answer.photos.first().errorCode.startsWith(u"SELECTION_"_s), qPrintable(answer.toText()));
}

void TestWait::triesThatFailAreNoProgress_data()
{
    QTest::addColumn<bool>("isAnswered");
    QTest::addColumn<QString>("expected");
    QTest::newRow("a store that is busy") << true << u"TRANSFER_STORAGE_BUSY"_s;
    QTest::newRow("connections that break") << false << u"TRANSFER_CONNECTION_LOST"_s;
}

void TestWait::triesThatFailAreNoProgress()
{
    QFETCH(const bool, isAnswered);
    QFETCH(const QString, expected);
    ProxiedWorld world;
    QVERIFY(world.start());
    QVERIFY(world.folders.write("photo.jpg", support::jpegBytes(1, 3'000'000)));
    support::Fault fault{.method = "PUT", .times = -1};
    if (isAnswered)
        fault.answerAtOnce = FaultProxy::answer(503, "application/xml", "<Error><Code>SlowDown</Code></Error>", {{"Photolift-Api", "1"}});
    else
        fault.resetAfterBodyBytes = 1'000'000;
    world.proxy.add(fault);

    const CliAnswer answer = world.client.run(world.upload(world.folders.source(), Wait), GiveUpMs);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 1, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->failed, 1);
    QCOMPARE(answer.photos.first().errorCode, expected);
    QVERIFY(world.proxy.count("PUT") > 1);
}

void TestWait::aSlowLinkIsProgress()
{
    FaultFolders folders;
    QVERIFY(folders.write("photo.jpg", support::jpegBytes(1, 2'000'000)));
    CliRun cli(folders.data());

    // One part, acknowledged after more than twice the wait.
    const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText(), u"--limit-rate"_s, u"100K"_s, u"--wait"_s, u"8s"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QVERIFY(answer.durationMs > 16000);
}

QTEST_GUILESS_MAIN(TestWait)
#include "tst_wait.moc"
