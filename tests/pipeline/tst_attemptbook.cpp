#include "models/pipeline/attemptbook.h"
#include "models/pipeline/twinwatch.h"
#include "models/store/database.h"
#include "models/vocabulary/ids.h"

#include <QSignalSpy>
#include <QSqlError>
#include <QTest>

using namespace photolift;
using namespace photolift::pipeline;
using namespace Qt::StringLiterals;

/// The rows of one attempt, as SCHEMA wants them, and who of equal files leads.
class TestAttemptBook : public QObject
{
    Q_OBJECT

private:
    static AttemptBook begun(const QByteArray &name = "IMG_0001.jpg")
    {
        store::Item item;
        item.itemId = newUuid7();
        item.batchId = newUuid7();
        item.relativePath = name;
        item.absolutePath = "/card/" + name;
        item.identity.size = 1000;
        store::BatchAccepted batch;
        batch.batch.batchId = item.batchId;
        batch.batch.createdMs = nowMs() - 500;
        batch.batch.numPhotos = 3;
        return AttemptBook(item, batch, Surroundings(), nowMs());
    }
    template <typename T> static QList<T> all(const store::Changes &changes)
    {
        QList<T> result;
        for (const store::Change &change : changes) {
            if (const T *wanted = std::get_if<T>(&change))
                result.append(*wanted);
        }
        return result;
    }

private Q_SLOTS:
    void aClockDaysAheadIsNoted()
    {
        constexpr qint64 Hour = 3600 * 1000;
        QCOMPARE(clockSkewMs(-49 * Hour), 49 * Hour);
        QVERIFY(!clockSkewMs(-47 * Hour));
        QVERIFY(!clockSkewMs(49 * Hour)); // behind: its times are in the past, where charts are
    }

    void anAttemptBeginsWithItsNumberItsInstantAndItsBatch()
    {
        AttemptBook book = begun();

        const store::Changes changes = book.begin();

        const AttemptRecord attempt = all<store::AttemptChanged>(changes).first().attempt;
        QCOMPARE(attempt.attemptNumber, 1);
        QCOMPARE(attempt.status, Status::Running);
        QCOMPARE(instantOf(attempt.clientUploadId), attempt.startedMs);
        QCOMPARE(attempt.numPhotosInBatch, std::optional<qint64>(3));
        QVERIFY(attempt.isBatchUpload);
        QVERIFY(attempt.metadata["queued_ms"_L1].toInteger() >= 500);
        QCOMPARE(all<store::ItemMoved>(changes).first().item.state, ItemState::Running);
        QVERIFY(all<store::ErrorHappened>(changes).isEmpty());
    }

    void aNameThatIsNotUtf8IsNotedAndGoesOn()
    {
        AttemptBook book = begun("\xff.jpg");

        const QList<store::ErrorHappened> errors = all<store::ErrorHappened>(book.begin());

        QCOMPARE(errors.size(), 1);
        QCOMPARE(errors.first().error.code, ErrorCode::SelectionNameUnusable);
        QVERIFY(!errors.first().error.isFatal);
    }

    void everyChangeOfARowCountsItsVersionUp()
    {
        AttemptBook book = begun();
        static_cast<void>(book.begin());

        const int first = all<store::StageChanged>(book.enter(Stage::Transfer)).first().stage.rowVersion;
        const int second = all<store::StageChanged>(book.retried(Stage::Transfer)).first().stage.rowVersion;
        const StageRecord left = all<store::StageChanged>(book.leave(Stage::Transfer, true, {{u"parts"_s, 2}})).first().stage;

        QVERIFY(second > first);
        QVERIFY(left.rowVersion > second);
        QCOMPARE(left.retryCount, 1);
        QCOMPARE(left.isSuccessful, std::optional(true));
        QVERIFY(left.durationMs && left.endedMs && *left.endedMs >= left.startedMs);
        QCOMPARE(left.metadata["parts"_L1].toInt(), 2);
    }

    void aRestartedFileKeepsTheAttemptAndTheFirstStart()
    {
        AttemptBook book = begun();
        static_cast<void>(book.begin() + book.enter(Stage::Selection) + book.leave(Stage::Selection, true));
        const StageRecord before = *book.stage(Stage::Selection);
        const QUuid id = book.id();

        static_cast<void>(book.restartedFile() + book.enter(Stage::Selection) + book.leave(Stage::Selection, true));

        const StageRecord after = *book.stage(Stage::Selection);
        QCOMPARE(book.id(), id);
        QCOMPARE(after.startedMs, before.startedMs);
        QCOMPARE(after.retryCount, 1);
        QVERIFY(after.rowVersion > before.rowVersion);
        QCOMPARE(book.attempt().metadata["file_restarts"_L1].toInt(), 1);
    }

    void waitsAreNoPartOfTheDuration()
    {
        AttemptBook book = begun();
        static_cast<void>(book.begin() + book.enter(Stage::Initiation));
        static_cast<void>(book.waiting(ErrorCode::NetworkConnectFailed, Stage::Initiation, nowMs() + 60));
        QElapsedTimer clock;
        clock.start();
        QTRY_VERIFY(clock.elapsed() >= 60);

        static_cast<void>(book.running() + book.leave(Stage::Initiation, true));
        static_cast<void>(book.end(Status::Duplicate, ItemState::Duplicate, {}, {}, {}));

        QVERIFY(book.attempt().metadata["waited_ms"_L1].toInteger() >= 60);
        QVERIFY(*book.attempt().totalDurationMs < 60);
        QVERIFY(*book.stage(Stage::Initiation)->durationMs < 60);
    }

    void anErrorRowSaysWhereWhichTryAndWhatTheServerSaid()
    {
        AttemptBook book = begun();
        const Fault fault = faultOf(Error{ErrorCode::TransferStorageBusy, u"a path that must not travel"_s,
                                          {.osErrno = 104, .httpStatus = 503, .curlCode = 56, .s3Code = u"SlowDown"_s}});

        const ErrorRecord error = all<store::ErrorHappened>(book.fault(Stage::Transfer, fault, 2, false)).first().error;

        QCOMPARE(error.context["code"_L1].toString(), u"TRANSFER_STORAGE_BUSY"_s);
        QCOMPARE(error.context["stage"_L1].toString(), u"transfer"_s);
        QCOMPARE(error.context["attempt"_L1].toInt(), 2);
        QCOMPARE(error.context["http"_L1].toInt(), 503);
        QCOMPARE(error.context["os_errno"_L1].toInt(), 104);
        QCOMPARE(error.context["s3_code"_L1].toString(), u"SlowDown"_s);
        QCOMPARE(error.context["curl_code"_L1].toInt(), 56);
        for (const QLatin1StringView unsaid : {"signal"_L1, "qt_error"_L1, "sqlite"_L1, "sqlstate"_L1})
            QVERIFY(!error.context.contains(unsaid));
        QVERIFY(!error.message.contains(u"must not travel"_s));
    }

    void anErrorOfADatabaseSaysWhatTheEngineCalledIt()
    {
        AttemptBook book = begun();
        const auto context = [&book](const QString &native) {
            const Fault fault = faultOf(store::databaseError(QSqlError(u"driver"_s, u"database"_s, QSqlError::StatementError, native)));
            return all<store::ErrorHappened>(book.fault(Stage::Selection, fault, 1, false)).first().error.context;
        };

        QCOMPARE(context(u"13"_s)["sqlite"_L1].toInt(), 13);
        QCOMPARE(context(u"53100"_s)["sqlstate"_L1].toString(), u"53100"_s);
        QVERIFY(!context(u"53100"_s).contains("sqlite"_L1));
    }

    void noStageStaysOpenBehindTheEndAndTheServersVersionIsPassed()
    {
        AttemptBook book = begun();
        static_cast<void>(book.begin() + book.enter(Stage::Transfer));

        static_cast<void>(book.end(Status::Failed, ItemState::NeedsYou, ErrorCode::InternalUnknown, Stage::Transfer, {}, 40));

        QCOMPARE(book.stage(Stage::Transfer)->isSuccessful, std::optional(false));
        QVERIFY(book.attempt().endedMs);
        QVERIFY(book.attempt().rowVersion >= 40);
    }

    void ofEqualFilesOneLeadsAndTheOthersFollowWhenItEnds()
    {
        TwinWatch twins(nullptr);
        QSignalSpy released(&twins, &TwinWatch::released);
        const QUuid batch = newUuid7();
        const QUuid first = newUuid7();
        const QUuid second = newUuid7();
        const QUuid firstItem = newUuid7();

        QVERIFY(twins.leaderOf(batch, u"aa"_s, 1, first, firstItem).isNull());
        QCOMPARE(twins.leaderOf(batch, u"aa"_s, 1, second, newUuid7()), firstItem);
        QCOMPARE(twins.leaderOf(newUuid7(), u"aa"_s, 1, newUuid7(), newUuid7()), firstItem); // of another drop, too: the bytes travel once
        QVERIFY(twins.leaderOf(batch, u"aa"_s, 2, newUuid7(), newUuid7()).isNull());

        twins.forget(first);

        QCOMPARE(released.size(), 2);
        QCOMPARE(released.first().first().toUuid(), second);
        QVERIFY(twins.leaderOf(batch, u"aa"_s, 1, second, newUuid7()).isNull());
    }
};

QTEST_GUILESS_MAIN(TestAttemptBook)
#include "tst_attemptbook.moc"
