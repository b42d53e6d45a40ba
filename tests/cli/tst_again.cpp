#include "tests/faults/faultfolders.h"
#include "tests/support/smallphotos.h"

#include <QTest>

#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

/// The same command typed once more: one photo stays one photo.
class TestAgain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPhotoThatNeedsSomebodyIsTriedAgainAsTheSame();
    void forAnotherProjectItIsAnotherOne();
    void aPathTypedOtherwiseContinuesTheSameFiles();
    void aLinkLeadsToItsPhotos();
    void anIdGivenTwiceIsOnePhoto();
};

namespace {
bool writeTruncated(const FaultFolders &folders)
{
    const QByteArray whole = support::jpegBytes(60, 0, 640, 480);
    return folders.write("truncated.jpg", whole.first(whole.size() * 2 / 5));
}
}

void TestAgain::aPhotoThatNeedsSomebodyIsTriedAgainAsTheSame()
{
    FaultFolders folders;
    QVERIFY(writeTruncated(folders));
    CliRun cli(folders.data());

    for (int attempt = 1; attempt <= 3; ++attempt) {
        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 1, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->found, 1);
        QCOMPARE(answer.photos.first().errorCode, u"VALIDATION_TRUNCATED"_s);
        QCOMPARE(folders.rows(u"queue_items"_s), 1);
        QCOMPARE(folders.rows(u"fact_upload_attempts WHERE end_timestamp IS NOT NULL"_s), attempt);
    }
    QCOMPARE(cli.run({u"retry"_s, u"--all"_s}).summary->found, 1);
}

void TestAgain::forAnotherProjectItIsAnotherOne()
{
    FaultFolders folders;
    QVERIFY(writeTruncated(folders));
    CliRun cli(folders.data());
    QCOMPARE(cli.run({u"upload"_s, folders.sourceText()}).exitCode, 1);

    const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText(), u"--project"_s, u"Lofoten"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.summary->found == 1, qPrintable(answer.toText()));
    QCOMPARE(folders.rows(u"queue_items"_s), 2);
}

void TestAgain::aPathTypedOtherwiseContinuesTheSameFiles()
{
    FaultFolders folders;
    constexpr int Photos = 4;
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.write("photo" + QByteArray::number(i) + ".jpg", support::jpegBytes(i, 400'000)));
    CliRun cli(folders.data());
    QVERIFY(cli.start({u"upload"_s, folders.sourceText(), u"--limit-rate"_s, u"100K"_s}));
    QTRY_COMPARE_WITH_TIMEOUT(folders.rows(u"queue_items"_s), Photos, 30000);
    cli.interrupt();
    QCOMPARE(cli.finish().exitCode, 130);

    const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText() + u"/./../source/"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->found, Photos);
    QCOMPARE(folders.rows(u"queue_items"_s), Photos);
}

void TestAgain::aLinkLeadsToItsPhotos()
{
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1));
    const QByteArray link = folders.root() + "/link";
    QCOMPARE(::symlink("source", link.constData()), 0);
    CliRun cli(folders.data());

    const CliAnswer answer = cli.run({u"upload"_s, QString::fromUtf8(link)});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->succeeded, 1);
}

void TestAgain::anIdGivenTwiceIsOnePhoto()
{
    FaultFolders folders;
    QVERIFY(writeTruncated(folders));
    CliRun cli(folders.data());
    const CliAnswer first = cli.run({u"upload"_s, folders.sourceText()});
    QCOMPARE(first.exitCode, 1);
    const QString id = first.photos.first().clientUploadId;

    const CliAnswer answer = cli.run({u"retry"_s, id, id});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 1, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->found, 1);
    QCOMPARE(cli.run({u"retry"_s, id, u"0192f0c0-0000-7000-8000-000000000001"_s}).exitCode, 2);
}

QTEST_GUILESS_MAIN(TestAgain)
#include "tst_again.moc"
