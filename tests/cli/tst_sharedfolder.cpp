#include "tests/faults/proxiedworld.h"
#include "tests/support/smallphotos.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

/// The data folder may be that of the desktop program: what was chosen in its window holds for a command, and no more than the command
/// is told to stays behind.
class TestSharedFolder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPauseIsNamedAtOnceAndLiftedOnRequest();
    void aPausedFolderIsLeftAloneAndNamed();
    void aLimitEndsWithTheRun();
    void aFolderThatCannotBeUsedIsNamed();
};

namespace {
bool change(const FaultFolders &folders, const QString &sql)
{
    return faults::change(folders.data() + u"/photolift.db"_s, sql);
}

bool setSetting(const FaultFolders &folders, const QString &key, const QString &value)
{
    return change(folders, u"INSERT OR REPLACE INTO settings (key, value) VALUES ('%1', '%2')"_s.arg(key, value));
}

/// What a run says instead of waiting.
QString pauseTold(const CliAnswer &answer)
{
    for (const QJsonObject &other : answer.others) {
        if (other["event"_L1] == "paused"_L1)
            return other["message"_L1].toString();
    }
    return {};
}
}

void TestSharedFolder::aPauseIsNamedAtOnceAndLiftedOnRequest()
{
    FaultFolders folders;
    QVERIFY(folders.writePhoto("first.jpg", 1));
    CliRun cli(folders.data());
    QCOMPARE(cli.run({u"upload"_s, folders.sourceText()}).exitCode, 0);
    QVERIFY(setSetting(folders, u"paused"_s, u"1"_s));
    QVERIFY(folders.writePhoto("second.jpg", 2));

    for (const QStringList &command : {QStringList{u"upload"_s, folders.sourceText()}, QStringList{u"retry"_s, u"--all"_s}}) {
        const CliAnswer answer = cli.run(command + QStringList{u"--wait"_s, u"20s"_s});
        QCOMPARE(answer.exitCode, 1);
        QVERIFY2(pauseTold(answer).contains(u"--resume"_s), qPrintable(answer.toText()));
        QVERIFY2(answer.errorOutput.contains("uploads are paused"), answer.errorOutput.constData());
        QVERIFY(answer.durationMs < 15000);
    }
    QCOMPARE(folders.rows(u"queue_items"_s), 1); // nothing was queued behind the pause

    const CliAnswer resumed = cli.run({u"upload"_s, folders.sourceText(), u"--resume"_s});

    QVERIFY2(resumed.faults.isEmpty() && resumed.exitCode == 0, qPrintable(resumed.toText()));
    QCOMPARE(resumed.summary->succeeded, 1);
    QCOMPARE(resumed.summary->duplicate, 1);
    QCOMPARE(folders.rows(u"settings WHERE key = 'paused' AND value = '1'"_s), 0);
}

void TestSharedFolder::aPausedFolderIsLeftAloneAndNamed()
{
    FaultFolders folders;
    const QByteArray whole = support::jpegBytes(60, 0, 640, 480);
    QVERIFY(folders.write("truncated.jpg", whole.first(whole.size() * 2 / 5)));
    CliRun cli(folders.data());
    QCOMPARE(cli.run({u"upload"_s, folders.sourceText()}).exitCode, 1);
    QVERIFY(change(folders, u"UPDATE queue_batches SET is_paused = 1"_s));

    const CliAnswer answer = cli.run({u"retry"_s, u"--all"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->found, 0);
    QVERIFY2(pauseTold(answer).contains(u"left out"_s), qPrintable(answer.toText()));
    const CliAnswer again = cli.run({u"upload"_s, folders.sourceText()});
    QCOMPARE(again.exitCode, 1);
    QVERIFY2(pauseTold(again).contains(u"in folders that are paused"_s), qPrintable(again.toText()));
    QCOMPARE(folders.rows(u"fact_upload_attempts"_s), 1);
    QCOMPARE(cli.run({u"retry"_s, u"--all"_s, u"--resume"_s}).summary->failed, 1);
    QCOMPARE(folders.rows(u"fact_upload_attempts"_s), 2);
}

void TestSharedFolder::aLimitEndsWithTheRun()
{
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1));
    CliRun cli(folders.data());

    QCOMPARE(cli.run({u"upload"_s, folders.sourceText(), u"--limit-rate"_s, u"500K"_s}).exitCode, 0);

    QCOMPARE(folders.rows(u"settings WHERE key = 'rate_limit'"_s), 0);
}

void TestSharedFolder::aFolderThatCannotBeUsedIsNamed()
{
    FaultFolders folders;
    QVERIFY(folders.writePhoto("first.jpg", 1));
    const QString inAFile = folders.sourceText() + u"/first.jpg/data"_s;
    CliRun cli(inAFile);

    const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

    QCOMPARE(answer.exitCode, 1);
    QVERIFY2(QString::fromUtf8(answer.errorOutput).contains(u"cannot use its folder "_s + inAFile), answer.errorOutput.constData());
    QVERIFY2(!answer.errorOutput.contains("Back up"), answer.errorOutput.constData());
}

QTEST_GUILESS_MAIN(TestSharedFolder)
#include "tst_sharedfolder.moc"
