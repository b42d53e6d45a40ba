#include "tests/support/fakeuploadfeed.h"
#include "ui/parts/errortexts.h"
#include "ui/parts/humantext.h"
#include "ui/uploads/rowstatus.h"

#include <QLocale>
#include <QTest>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;
using Hold = pipeline::QueueState::Hold;

/// The words of one photo's row, without a window.
class RowWordsTest : public QObject
{
    Q_OBJECT

    static pipeline::QueueState held(Hold hold)
    {
        pipeline::QueueState state;
        state.hold = hold;
        return state;
    }

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(u"en_GB"_s)); }

    void aFullDiskOfThisComputerIsNoServersDisk()
    {
        QCOMPARE(RowWords::hold(held(Hold::NoSpace), true), u"The disk with the copies is almost full"_s);
        QCOMPARE(RowWords::hold(held(Hold::NoSpace), false), u"Server disk is almost full"_s);
    }

    void aSmallPhotoIsNeverZeroMegabytes()
    {
        QCOMPARE(fileSizeText(34'200), u"34 kB"_s);
        QCOMPARE(fileSizeText(49'999), u"50 kB"_s);
        QCOMPARE(fileSizeText(50'000), u"0.1"_s);
        QCOMPARE(fileSizeText(48'200'000), u"48.2"_s);
    }

    void noStageTookNoTimeAtAll()
    {
        QCOMPARE(secondsText(0), u"< 0.1 s"_s);
        QCOMPARE(secondsText(49), u"< 0.1 s"_s);
        QCOMPARE(secondsText(50), u"0.1 s"_s);
        QCOMPARE(secondsText(4'200), u"4.2 s"_s);
        QCOMPARE(secondsText(125'000), u"2 min 05 s"_s);
    }

    void rowSaysWhereThePhotoIs_data()
    {
        QTest::addColumn<Stage>("stage");
        QTest::addColumn<QString>("words");
        QTest::newRow("hashing -> Preparing") << Stage::Preprocessing << u"Preparing"_s;
        QTest::newRow("parts travel -> Sending") << Stage::Transfer << u"Sending"_s;
        QTest::newRow("commit -> Checking the copy") << Stage::Verification << u"Checking the copy"_s;
        QTest::newRow("server validates -> Checking the copy") << Stage::Validation << u"Checking the copy"_s;
        QTest::newRow("renditions -> previews") << Stage::Processing << u"Server is making previews"_s;
    }
    void rowSaysWhereThePhotoIs()
    {
        QFETCH(Stage, stage);
        QFETCH(QString, words);
        UploadRow row;
        test::standAt(row.view, ItemState::Running, stage, StageState::Active);

        QCOMPARE(RowWords::status(row, {}).text, words);
        QCOMPARE(RowWords::status(row, {}).mark, StatusMark::Running);
    }

    void withoutConnectionARowIsNeverAFailure()
    {
        UploadRow row;
        test::standAt(row.view, ItemState::Running, Stage::Transfer, StageState::Active);
        RowContext context;
        context.queue = held(Hold::Offline);

        QCOMPARE(RowWords::status(row, context).text, u"No connection – continues by itself"_s);
        QCOMPARE(RowWords::status(row, context).mark, StatusMark::Retry);
        QCOMPARE(RowWords::strip(row, context).states[3], StageState::Retrying);
    }

    void aHeldRowSaysWhatHoldsItInsteadOfSending_data()
    {
        QTest::addColumn<int>("hold");
        QTest::addColumn<QString>("words");
        QTest::addColumn<StageState>("segment");
        const auto row = [](const char *name, Hold hold, const QString &words, StageState segment) {
            QTest::newRow(name) << static_cast<int>(hold) << words << segment;
        };
        row("server full", Hold::NoSpace, u"Server disk is almost full"_s, StageState::Retrying);
        row("own disk full", Hold::LocalDiskFull, u"The disk of this computer is full"_s, StageState::Retrying);
        row("signed out", Hold::SignIn, u"Signed out, or the account was closed"_s, StageState::Retrying);
        row("offline", Hold::Offline, u"No connection – continues by itself"_s, StageState::Retrying);
        row("paused", Hold::PausedByYou, u"Paused by you"_s, StageState::Paused);
    }
    void aHeldRowSaysWhatHoldsItInsteadOfSending()
    {
        QFETCH(int, hold);
        QFETCH(QString, words);
        QFETCH(StageState, segment);
        UploadRow row;
        test::standAt(row.view, ItemState::Running, Stage::Transfer, StageState::Active);
        RowContext context;
        context.queue = held(static_cast<Hold>(hold));

        QCOMPARE(RowWords::status(row, context).text, words);
        QCOMPARE(RowWords::strip(row, context).states[static_cast<std::size_t>(Stage::Transfer)], segment);
    }

    void afterAPauseThePartsInFlightAreStillSent()
    {
        UploadRow row;
        test::standAt(row.view, ItemState::Running, Stage::Transfer, StageState::Active);
        row.progress = pipeline::ItemProgress{{}, Stage::Transfer, 1, 2, 5'000'000};
        RowContext context;
        context.queue = held(Hold::PausedByYou);

        QCOMPARE(RowWords::status(row, context).text, u"Sending"_s);
    }

    void aFullServerHoldsNoPhotoThatItHasAlready()
    {
        UploadRow row;
        test::standAt(row.view, ItemState::Running, Stage::Processing, StageState::Active);
        RowContext context;
        context.queue = held(Hold::NoSpace);

        QCOMPARE(RowWords::status(row, context).text, u"Server is making previews"_s);
    }

    void noLanguageSaysSeconds()
    {
        const QLocale before;
        for (const QString &name : {u"C"_s, u"en_US"_s, u"de_DE"_s}) {
            QLocale::setDefault(QLocale(name));
            QVERIFY2(!timeText(QTime(14, 2, 55)).contains(u"55"_s), qPrintable(name));
        }
        QLocale::setDefault(before);
    }

    void whatHappenedCanStandAlone()
    {
        UploadRow row;
        test::standAt(row.view, ItemState::NeedsYou, Stage::Validation, StageState::Failed);
        row.view.item.errorCode = ErrorCode::ValidationTruncated;
        const RowStatus failed = RowWords::status(row, {});

        QVERIFY(failed.text.startsWith(failed.headline() + u" – "_s));
        QCOMPARE(failed.headline(), errorTitle(ErrorCode::ValidationTruncated, false));
        row.view.item.state = ItemState::Queued;
        QCOMPARE(RowWords::status(row, {}).headline(), u"Waiting"_s);
    }

    void aCancelThatCameTooLateIsSaidOnTheRowUntilItsEndAndAfter()
    {
        UploadRow row;
        test::standAt(row.view, ItemState::Running, Stage::Processing, StageState::Active);
        row.view.isCancelAsked = true;

        QCOMPARE(RowWords::status(row, {}).text, u"Too late to cancel – Server is making previews"_s);
        test::standDone(row.view);
        QCOMPARE(RowWords::status(row, {}).text, u"Done – it was too late to cancel"_s);
        QCOMPARE(RowWords::status(row, {}).mark, StatusMark::Done);
    }

    void rowsOfTheBuiltInServerSpeakOfNoOther_data()
    {
        QTest::addColumn<ItemState>("state");
        for (const ItemState state : {ItemState::NeedsYou, ItemState::WaitingToRetry, ItemState::Skipped, ItemState::Dismissed})
            QTest::addRow("%s", qPrintable(QString(itemStateName(state)))) << state;
    }
    void rowsOfTheBuiltInServerSpeakOfNoOther()
    {
        QFETCH(ItemState, state);
        RowContext context;
        context.isThisComputer = true;
        for (const ErrorCode code : {ErrorCode::SelectionNotAccepted, ErrorCode::TransferLinkRefused, ErrorCode::TransferAlreadyThere,
                                     ErrorCode::ValidationFormatUnknown, ErrorCode::StorageNoSpace, ErrorCode::StorageNotReady,
                                     ErrorCode::ApiServerError, ErrorCode::LocalListDamaged}) {
            UploadRow row;
            row.view.item.state = state;
            row.view.item.errorCode = code;

            const QString said = RowWords::status(row, context).text + errorAdvice(code, true);

            QVERIFY2(!said.contains(u"server"_s, Qt::CaseInsensitive), qPrintable(said));
        }
    }

    void waitingToRetryCountsDown()
    {
        UploadRow row;
        test::standAt(row.view, ItemState::WaitingToRetry, Stage::Transfer, StageState::Retrying);
        row.view.item.errorCode = ErrorCode::TransferConnectionLost;
        row.view.item.retryAtMs = 8'000;

        QCOMPARE(RowWords::status(row, {}).text, u"Connection lost – trying again in 8 s"_s);
    }

    void hundredPercentIsSaidOnlyWhenTheTransferHasEnded()
    {
        UploadRow row;
        test::standAt(row.view, ItemState::Running, Stage::Transfer, StageState::Active);
        row.view.item.identity.size = 1000;
        row.progress = pipeline::ItemProgress{{}, Stage::Transfer, 1000, 1000, 0};

        QCOMPARE(*RowWords::sentPercent(row), 99);
    }

    void screenReaderHearsTheWholeRow()
    {
        UploadRow row;
        test::standAt(row.view, ItemState::Running, Stage::Transfer, StageState::Active);
        row.view.item.relativePath = "day 1/DSC_4820.NEF";
        row.view.item.identity.size = 49'100'000;
        row.view.ackedBytes = 18'200'000;

        QCOMPARE(RowWords::sentence(row, {}), u"DSC_4820.NEF, 49.1 megabytes, step 4 of 11 Transfer, 37 percent, Sending"_s);
    }
};

QTEST_MAIN(RowWordsTest)
#include "tst_rowwords.moc"
