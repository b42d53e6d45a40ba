#include "tests/faults/faultfolders.h"
#include "tests/support/smallphotos.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

namespace {
constexpr qint64 Size = 400'000;
const QStringList RetryAll{u"retry"_s, u"--all"_s};
}

/// `retry --all` ends when everything that has not arrived has come to its end: what failed, what waited, what a walk still finds.
class TestRetry : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void photosThatStillWaitedAreFollowedToTheirEnds();
    void photosThatAWalkStillFindsAreFollowedToo();
    void aPhotoThatFailsAgainHasBeenTried();
    void nothingLeftIsNothingFound();
};

void TestRetry::photosThatStillWaitedAreFollowedToTheirEnds()
{
    FaultFolders folders;
    constexpr int Photos = 8;
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.write("photo" + QByteArray::number(i) + ".jpg", support::jpegBytes(i, Size)));
    QVERIFY(folders.remember());
    CliRun cli(folders.data());
    QVERIFY(cli.start({u"upload"_s, folders.sourceText(), u"--limit-rate"_s, u"800K"_s, u"--jobs"_s, u"1"_s}));
    QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_items WHERE state = 'succeeded'"_s) >= 2, 30000);
    cli.kill();
    const qint64 left = Photos - folders.rows(u"queue_items WHERE state = 'succeeded'"_s);
    QVERIFY(left > 0);

    const CliAnswer answer = cli.run(RetryAll + QStringList{u"--limit-rate"_s, u"0"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->found, left);
    QCOMPARE(answer.summary->succeeded, left);
    // Nothing twice: how many had arrived unnoticed is chance.
    QVERIFY2(answer.summary->bytes <= left * Size && answer.summary->bytes % Size == 0, qPrintable(answer.toText()));
    QCOMPARE(folders.rows(u"queue_items WHERE state = 'succeeded'"_s), Photos);
    QCOMPARE(folders.violations(), QString());
}

void TestRetry::photosThatAWalkStillFindsAreFollowedToo()
{
    FaultFolders folders;
    constexpr int Photos = 130; // a walk hands over the first hundred by themselves
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    CliRun cli(folders.data());
    cli.setEnvironment({u"PHOTOLIFT_KILL_AT=pipeline.walk.batch#2"_s});
    QVERIFY(cli.run({u"upload"_s, folders.sourceText()}).wasKilled);
    QVERIFY(folders.rows(u"queue_items"_s) < Photos);
    cli.setEnvironment({});

    const CliAnswer answer = cli.run(RetryAll, 280'000);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->succeeded, Photos);
}

void TestRetry::aPhotoThatFailsAgainHasBeenTried()
{
    FaultFolders folders;
    const QByteArray whole = support::jpegBytes(60, 0, 640, 480);
    QVERIFY(folders.write("truncated.jpg", whole.first(whole.size() * 2 / 5)));
    CliRun cli(folders.data());
    QCOMPARE(cli.run({u"upload"_s, folders.sourceText()}).exitCode, 1);

    const CliAnswer answer = cli.run(RetryAll);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 1, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->failed, 1);
    QCOMPARE(answer.summary->bytes, 0); // refused before it is sent
    QCOMPARE(folders.rows(u"fact_upload_attempts WHERE end_timestamp IS NOT NULL"_s), 2);
}

void TestRetry::nothingLeftIsNothingFound()
{
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1));
    CliRun cli(folders.data());
    QCOMPARE(cli.run({u"upload"_s, folders.sourceText()}).exitCode, 0);

    const CliAnswer answer = cli.run(RetryAll);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->found, 0);
}

QTEST_GUILESS_MAIN(TestRetry)
#include "tst_retry.moc"
