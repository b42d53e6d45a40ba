#include "app/cli/report.h"

#include <QTest>

using namespace photolift;
using namespace photolift::cli;
using namespace Qt::StringLiterals;

namespace {

FileReport file(const QString &status, std::optional<ErrorCode> code = {}, const QByteArray &path = "a.txt")
{
    FileReport report;
    report.path = path;
    report.status = status;
    report.errorCode = code;
    return report;
}

int exitCodeOf(const QList<FileReport> &files)
{
    Summary summary;
    for (const FileReport &report : files)
        summary.count(report);
    return summary.exitCode();
}

}

class TestReport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theNumbersAlwaysAddUp()
    {
        Summary summary;
        for (const QString &status : {u"succeeded"_s, u"duplicate"_s, u"failed"_s, u"skipped"_s, u"cancelled"_s, u"queued"_s, u"failed"_s})
            summary.count(file(status));

        const QJsonObject json = summary.toJson(5, 1.5);

        QCOMPARE(json.value(u"found"_s).toInt(), 7);
        QCOMPARE(json.value(u"failed"_s).toInt(), 2);
        int sum = 0;
        for (const QString &key : {u"succeeded"_s, u"duplicate"_s, u"failed"_s, u"skipped"_s, u"cancelled"_s})
            sum += json.value(key).toInt();
        QCOMPARE(sum, 7);
    }

    void aDryRunTellsWhatWouldBeSent()
    {
        Summary summary;
        for (const QString &status : {u"queued"_s, u"queued"_s, u"skipped"_s, u"failed"_s})
            summary.count(file(status));

        QCOMPARE(summary.toDryText(), u"4 files: 2 would be uploaded, 1 skipped, 1 cannot be read; nothing was sent\n"_s);
    }

    void theSummaryTellsHowManySkippedFilesDeserveALook()
    {
        Summary summary;
        summary.count(file(u"succeeded"_s));
        summary.count(file(u"skipped"_s, ErrorCode::SelectionNotAccepted, "/x/CLIP.MOV"));
        QCOMPARE(summary.toText(0), u"2 files: 1 copied, 0 already there, 0 failed, 1 skipped, 0 cancelled; 0.0 MB sent\n"_s);

        summary.count(file(u"skipped"_s, ErrorCode::SelectionNotAccepted, "/x/text.jpg"));
        summary.count(file(u"skipped"_s, ErrorCode::SelectionFileEmpty, "/x/zero.jpg"));

        QCOMPARE(summary.toText(0),
                 u"4 files: 1 copied, 0 already there, 0 failed, 3 skipped (look at 2 of them), 0 cancelled; 0.0 MB sent\n"_s);
    }

    void aPhotoBetweenTwoTriesNamesWhatThoseFailedWith()
    {
        store::ItemDetail detail;
        detail.view.item.state = ItemState::Running;
        detail.attempts.resize(2); // the newest first
        detail.attempts[1].errors.resize(1);
        detail.attempts[1].errors[0].code = ErrorCode::TransferTimeout;
        QCOMPARE(reportOf(detail).errorCode, std::nullopt);
        QVERIFY(toText(reportOf(detail)).contains(u"stays in the queue"_s));

        detail.attempts[0].errors.resize(2);
        detail.attempts[0].errors[1].code = ErrorCode::TransferStorageBusy;

        QCOMPARE(reportOf(detail).errorCode, ErrorCode::TransferStorageBusy);
        QCOMPARE(reportOf(detail, ErrorCode::NetworkOffline).errorCode, ErrorCode::NetworkOffline);
        detail.view.item.state = ItemState::Succeeded;
        QCOMPARE(reportOf(detail).errorCode, std::nullopt);
    }

    void everyItemStateHasItsWord()
    {
        QCOMPARE(statusWord(ItemState::Succeeded), u"succeeded"_s);
        QCOMPARE(statusWord(ItemState::WaitingToRetry), u"failed"_s);
        QCOMPARE(statusWord(ItemState::Queued), u"failed"_s);
        QCOMPARE(statusWord(ItemState::Dismissed), u"failed"_s);
        QCOMPARE(statusWord(ItemState::Skipped), u"skipped"_s);
    }

    void theExitCodeTellsWhetherSomebodyHasToLook()
    {
        QCOMPARE(exitCodeOf({}), 0);
        QCOMPARE(exitCodeOf({file(u"succeeded"_s), file(u"duplicate"_s)}), 0);
        QCOMPARE(exitCodeOf({file(u"skipped"_s, ErrorCode::SelectionNotAccepted, "/x/CLIP.MOV")}), 0);
        QCOMPARE(exitCodeOf({file(u"skipped"_s, ErrorCode::SelectionNotAccepted, "/x/text.jpg")}), 1);
        QCOMPARE(exitCodeOf({file(u"skipped"_s, ErrorCode::SelectionFileEmpty, "/x/zero.jpg")}), 1);
        QCOMPARE(exitCodeOf({file(u"succeeded"_s), file(u"failed"_s, ErrorCode::TransferTimeout)}), 1);
        QCOMPARE(exitCodeOf({file(u"cancelled"_s, ErrorCode::UserCancelled)}), 1);
        QCOMPARE(exitCodeOf({file(u"queued"_s)}), 0);
    }

    void aPathThatIsNotUtf8TravelsAsBase64Too()
    {
        const QJsonObject json = toJson(file(u"queued"_s, {}, "\xe9.jpg"));

        QCOMPARE(json.value(u"path"_s).toString(), u"\uFFFDE9.jpg"_s); // as inspect writes it
        QCOMPARE(QByteArray::fromBase64(json.value(u"path_base64"_s).toString().toLatin1()), QByteArray("\xe9.jpg"));
        QVERIFY(!toJson(file(u"queued"_s)).contains(u"path_base64"_s));
        QVERIFY(json.value(u"error_code"_s).isNull());
        QVERIFY(json.value(u"stages"_s).isNull());
    }

    void aPersonReadsTheSentenceAndTheNextStep()
    {
        const QString text = toText(file(u"failed"_s, ErrorCode::ValidationTruncated, "/x/a.jpg"));

        QVERIFY2(text.contains(u"File is damaged: its end is missing. Copy it from the camera card again"_s), qPrintable(text));
        QVERIFY(text.contains(u"VALIDATION_TRUNCATED"_s));
        QVERIFY(toText(file(u"succeeded"_s)).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestReport)
#include "tst_report.moc"
