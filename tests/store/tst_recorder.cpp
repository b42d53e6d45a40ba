#include "models/store/archive.h"
#include "models/store/database.h"
#include "models/store/outboxtable.h"
#include "models/store/recorder.h"
#include "models/store/statements.h"

#include "models/wire/messages.h"

#include "tests/store/queuesamples.h"
#include "tests/store/starfixture.h"

#include <QJsonDocument>
#include <QFileInfo>
#include <QSignalSpy>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::store;
using samples::resultOf;

class RecorderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void changesAreWrittenInTheOrderOfTheCalls();
    void whatNobodyWaitsForIsWrittenSoonAndTogether();
    void whatWaitsAtTheEndIsWritten();
    void aMistakeDoesNotTakeItsNeighboursAlong();
    void aFileIsInADropOnce();
    void aDropThatIsCancelledIsCountedAsItsPhotosAre();
    void aLargeGroupIsTakenIntoTheFileAfterItWasTold();
    void factAndOutboxRowAreOneTransaction();
    void unsentOlderVersionIsReplacedWhereItStands();
    void rowInTheMirrorsHandsIsNotReplaced();
    void markingThatWasTakenBackLeavesTheRowInItsHands();
    void rowsOfTheServerAreNotMirroredBack();
    void sentRowsAreDueAgainForAnotherServer();
    void aServerMadeAnewIsToldWhatOnlyTheOldOneKnew();
    void aRetellingGoesOnAfterTheEndOfTheProgram();
    void outboxSurvivesTheEndOfTheProgram();
    void anotherUploadIdBeginsWithoutParts();
    void stagesThatTheServerLostMakeRoomForItsNewOnes();
    void damagedFileIsNamedSo();

private:
    QString path() const { return m_folder->filePath(u"photolift.sqlite"_s); }
    std::unique_ptr<Recorder> open() const
    {
        auto recorder = Recorder::open(path());
        return recorder ? std::move(*recorder) : nullptr;
    }
    /// Asks the file, as another program would.
    QStringList rows(const QString &sql) const
    {
        const auto connection = Connection::open(path(), Connection::Use::Read);
        return connection ? StarFixture::rowsOf((*connection)->database(), sql) : QStringList{u"cannot open"_s};
    }
    static QList<QUuid> eventsOf(Recorder &recorder)
    {
        QList<QUuid> events;
        const auto rows = resultOf(recorder.outbox().oldest(1000));
        for (const OutboxRow &row : *rows)
            events << row.eventId;
        return events;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void RecorderTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void RecorderTest::changesAreWrittenInTheOrderOfTheCalls()
{
    const auto recorder = open();
    QVERIFY(recorder);
    QSignalSpy committed(recorder.get(), &Recorder::committed);

    for (int i = 0; i < 500; ++i)
        recorder->record({SettingChanged{u"step"_s, QString::number(i)}});
    VERIFY_OK(resultOf(recorder->recordDurably({SettingChanged{u"last"_s, u"yes"_s}})));

    QCOMPARE(rows(u"SELECT key, value FROM settings ORDER BY key"_s), (QStringList{u"last|yes"_s, u"step|499"_s}));
    int expected = 0;
    for (const QList<QVariant> &arguments : committed) {
        const Changes changes = arguments.first().value<Changes>();
        for (const Change &change : changes) {
            if (expected < 500)
                QCOMPARE(std::get<SettingChanged>(change).value, QString::number(expected));
            ++expected;
        }
    }
    QCOMPARE(expected, 501);
}

void RecorderTest::whatNobodyWaitsForIsWrittenSoonAndTogether()
{
    const auto recorder = open();
    QVERIFY(recorder);
    QSignalSpy committed(recorder.get(), &Recorder::committed);

    for (int i = 0; i < 100; ++i)
        recorder->record({SettingChanged{u"a"_s, QString::number(i)}});

    QTRY_COMPARE(rows(u"SELECT value FROM settings"_s), QStringList{u"99"_s});
    QTRY_VERIFY(!committed.isEmpty());
    QVERIFY2(committed.size() <= 3, "100 changes made in one breath need no more than a few transactions");
}

void RecorderTest::whatWaitsAtTheEndIsWritten()
{
    auto recorder = open();
    QVERIFY(recorder);

    recorder->record({SettingChanged{u"a"_s, u"written"_s}});
    recorder.reset();

    QCOMPARE(rows(u"SELECT value FROM settings"_s), QStringList{u"written"_s});
}

void RecorderTest::aMistakeDoesNotTakeItsNeighboursAlong()
{
    const auto recorder = open();
    QVERIFY(recorder);
    QSignalSpy troubled(recorder.get(), &Recorder::troubled);

    recorder->record({SettingChanged{u"before"_s, u"1"_s}});
    const auto mistake = recorder->recordDurably({SettingChanged{u"half"_s, u"1"_s}, CommitSent{newUuid7()}});
    const auto after = recorder->recordDurably({SettingChanged{u"after"_s, u"1"_s}});

    VERIFY_OK(resultOf(after));
    const Result<> refused = resultOf(mistake);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::InternalUnknown);
    QCOMPARE(rows(u"SELECT key FROM settings ORDER BY key"_s), (QStringList{u"after"_s, u"before"_s}));
    QTRY_COMPARE(troubled.size(), 1);
}

void RecorderTest::aFileIsInADropOnce()
{
    const auto recorder = open();
    QVERIFY(recorder);
    const BatchAccepted drop = samples::accepted(samples::project());
    VERIFY_OK(resultOf(recorder->recordDurably({drop, ItemsFound{drop.batch.batchId, samples::items(drop.batch, 3)}})));

    // The walk starts again after a crash and finds the same three and two more.
    VERIFY_OK(resultOf(recorder->recordDurably({drop, ItemsFound{drop.batch.batchId, samples::items(drop.batch, 5)}})));

    QCOMPARE(rows(u"SELECT count(*), count(DISTINCT absolute_path) FROM queue_items"_s), QStringList{u"5|5"_s});
    QCOMPARE(rows(u"SELECT state, num_items FROM queue_counts"_s), QStringList{u"queued|5"_s});
    QCOMPARE(rows(u"SELECT count(*) FROM queue_batches"_s), QStringList{u"1"_s});
}

void RecorderTest::aDropThatIsCancelledIsCountedAsItsPhotosAre()
{
    const QString counted = u"SELECT batch_row, state, is_safe, num_items, num_bytes FROM queue_counts WHERE num_items <> 0 OR num_bytes <> 0 ORDER BY 1, 2, 3"_s;
    const QString there = u"SELECT batch_row, state, is_safe, count(*), sum(size) FROM queue_items GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"_s;
    const auto recorder = open();
    QVERIFY(recorder);
    const BatchAccepted drop = samples::accepted(samples::project());
    const BatchAccepted other = samples::accepted(drop.project);
    QList<Item> items = samples::items(drop.batch, 8);
    items[1].isSafe = items[2].isSafe = true;
    VERIFY_OK(resultOf(recorder->recordDurably({drop, ItemsFound{drop.batch.batchId, items}, other, ItemsFound{other.batch.batchId, samples::items(other.batch, 2)},
                                                samples::moved(items.at(0), ItemState::Running), samples::moved(items.at(1), ItemState::WaitingToRetry),
                                                samples::moved(items.at(2), ItemState::WaitingToRetry), samples::moved(items.at(3), ItemState::Cancelled)})));

    // Without one that waits and one that is under way, and behind the last row comes what was found later.
    const DropCancelled cancel{drop.batch.batchId, {items.at(0).itemId, items.at(2).itemId}, 7, {}};
    VERIFY_OK(resultOf(recorder->recordDurably({cancel, samples::moved(items.at(0), ItemState::Succeeded)})));

    QCOMPARE(rows(u"SELECT group_concat(ordinal) FROM (SELECT ordinal FROM queue_items WHERE state = 'cancelled' ORDER BY ordinal)"_s), QStringList{u"1,3,4,5,6"_s});
    QCOMPARE(rows(counted), rows(there));
    VERIFY_OK(resultOf(recorder->recordDurably({CancelUndone{{items.at(1).itemId, items.at(4).itemId}, {drop.batch.batchId}}}))); // one by one again
    QCOMPARE(rows(counted), rows(there));
    QCOMPARE(rows(u"SELECT count(*) FROM queue_cancels"_s), QStringList{u"0"_s});
}

void RecorderTest::aLargeGroupIsTakenIntoTheFileAfterItWasTold()
{
    const auto recorder = open();
    QVERIFY(recorder);
    const BatchAccepted drop = samples::accepted(samples::project());
    const qint64 before = QFileInfo(path()).size();

    VERIFY_OK(resultOf(recorder->recordDurably({drop, ItemsFound{drop.batch.batchId, samples::items(drop.batch, 10'000)}})));

    QTRY_VERIFY(QFileInfo(path()).size() > before + 1'000'000);
    VERIFY_OK(resultOf(recorder->recordDurably({SettingChanged{u"after"_s, u"1"_s}}))); // and it goes on
    QCOMPARE(rows(u"SELECT count(*) FROM queue_items"_s), QStringList{u"10000"_s});
}

void RecorderTest::factAndOutboxRowAreOneTransaction()
{
    const auto recorder = open();
    QVERIFY(recorder);
    const BatchAccepted drop = samples::accepted(samples::project());
    const AttemptRecord attempt = samples::attempt(drop.batch);
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.capturedMs = samples::SomeTimeMs;

    VERIFY_OK(resultOf(recorder->recordDurably({drop, AttemptChanged{attempt}, StageChanged{samples::stage(attempt, Stage::Selection)},
                                                PhotoKnown{samples::photo(attempt)}, HeartbeatTaken{heartbeat},
                                                ErrorHappened{samples::error(attempt, Stage::Selection, ErrorCode::SelectionStillWriting)}})));

    const auto waiting = resultOf(recorder->outbox().oldest(100));
    VERIFY_OK(waiting);
    QStringList kinds;
    for (const OutboxRow &row : *waiting) {
        const auto event = wire::mirrorEventFromJson(QJsonDocument::fromJson(row.json).object());
        VERIFY_OK(event);
        QCOMPARE(event->eventId, row.eventId);
        kinds << QString(wire::eventKindName(event->kind));
        if (event->kind == wire::MirrorEvent::Kind::Attempt) {
            const Result<AttemptRecord> travelled = attemptFromJson(event->row);
            VERIFY_OK(travelled);
            QCOMPARE(toJson(*travelled), toJson(attempt));
        }
    }
    QCOMPARE(kinds, (QStringList{u"project"_s, u"batch"_s, u"attempt"_s, u"stage"_s, u"photo"_s, u"heartbeat"_s, u"error"_s}));
    // The rows of the star carry the ids of their events.
    QCOMPARE(rows(u"SELECT count(*) FROM outbox WHERE event_id IN (SELECT event_id FROM fact_upload_attempts UNION ALL "
                  "SELECT event_id FROM fact_upload_stages UNION ALL SELECT event_id FROM dim_photos UNION ALL "
                  "SELECT event_id FROM fact_upload_errors UNION ALL SELECT event_id FROM fact_client_heartbeats UNION ALL "
                  "SELECT event_id FROM dim_batches UNION ALL SELECT event_id FROM dim_projects)"_s),
             QStringList{u"7"_s});
}

void RecorderTest::unsentOlderVersionIsReplacedWhereItStands()
{
    const auto recorder = open();
    QVERIFY(recorder);
    AttemptRecord attempt = samples::attempt({});
    attempt.projectId = {};
    attempt.batchId = {};
    VERIFY_OK(resultOf(recorder->recordDurably({AttemptChanged{attempt}, StageChanged{samples::stage(attempt, Stage::Selection)}})));

    attempt.status = Status::Failed;
    attempt.rowVersion = 2;
    VERIFY_OK(resultOf(recorder->recordDurably({AttemptChanged{attempt}})));

    const auto waiting = resultOf(recorder->outbox().oldest(100));
    VERIFY_OK(waiting);
    QCOMPARE(waiting->size(), 2);
    const auto first = wire::mirrorEventFromJson(QJsonDocument::fromJson(waiting->first().json).object());
    VERIFY_OK(first);
    QCOMPARE(first->kind, wire::MirrorEvent::Kind::Attempt);
    QCOMPARE(first->row.value(u"row_version"_s).toInt(), 2);
}

void RecorderTest::rowInTheMirrorsHandsIsNotReplaced()
{
    const auto recorder = open();
    QVERIFY(recorder);
    AttemptRecord attempt = samples::attempt({});
    VERIFY_OK(resultOf(recorder->recordDurably({AttemptChanged{attempt}})));
    const auto taken = resultOf(recorder->outbox().oldest(100));
    VERIFY_OK(taken);
    QCOMPARE(taken->size(), 1);

    attempt.rowVersion = 2;
    VERIFY_OK(resultOf(recorder->recordDurably({AttemptChanged{attempt}})));
    VERIFY_OK(resultOf(recorder->outbox().markSent({taken->first().sequence})));

    const auto left = resultOf(recorder->outbox().oldest(100));
    VERIFY_OK(left);
    QCOMPARE(left->size(), 1);
    QVERIFY(left->first().json.contains("\"row_version\":2"));
    QCOMPARE(*resultOf(recorder->outbox().depth()), 1);
}

/// The disk fails the commit of the marking: the mirror sends what it holds once more, and marks that.
void RecorderTest::markingThatWasTakenBackLeavesTheRowInItsHands()
{
    QVERIFY(open());
    const auto connection = Connection::open(path(), Connection::Use::Write);
    VERIFY_OK(connection);
    Statements statements((*connection)->database());
    OutboxTable outbox(statements);
    const auto put = [&outbox](int version) {
        return outbox.put({newUuid7(), wire::MirrorEvent::Kind::Stage, {{u"row_version"_s, version}}}, u"stage"_s);
    };
    VERIFY_OK(put(1));
    const auto taken = outbox.oldest(100);
    VERIFY_OK(taken);
    {
        Transaction taking((*connection)->database());
        VERIFY_OK(outbox.markSent({taken->first().sequence}, nowMs()));
    }

    VERIFY_OK(put(2));
    VERIFY_OK(outbox.markSent({taken->first().sequence}, nowMs()));

    const auto left = outbox.oldest(100);
    VERIFY_OK(left);
    QCOMPARE(left->size(), 1);
    QVERIFY(left->first().json.contains("\"row_version\":2"));
}

void RecorderTest::rowsOfTheServerAreNotMirroredBack()
{
    const auto recorder = open();
    QVERIFY(recorder);
    AttemptRecord attempt = samples::attempt({});
    attempt.status = Status::Succeeded;
    attempt.rowVersion = 9;

    VERIFY_OK(resultOf(recorder->recordDurably({AttemptChanged{attempt, true}, StageChanged{samples::stage(attempt, Stage::Reception), true},
                                                PhotoKnown{samples::photo(attempt), true},
                                                ErrorHappened{samples::error(attempt, Stage::Validation, ErrorCode::MetadataUnreadable), true}})));

    QCOMPARE(*resultOf(recorder->outbox().depth()), 0);
    QCOMPARE(rows(u"SELECT upload_status_key, row_version FROM fact_upload_attempts"_s), QStringList{u"5|9"_s});
}

void RecorderTest::sentRowsAreDueAgainForAnotherServer()
{
    const auto recorder = open();
    QVERIFY(recorder);
    AttemptRecord attempt = samples::attempt({});
    QList<QUuid> newest;
    for (int version = 1; version <= 3; ++version) { // each version is sent before the next one is made
        attempt.rowVersion = version;
        VERIFY_OK(resultOf(recorder->recordDurably({AttemptChanged{attempt}})));
        const auto taken = resultOf(recorder->outbox().oldest(100));
        VERIFY_OK(taken);
        newest = {taken->first().eventId};
        VERIFY_OK(resultOf(recorder->outbox().markSent({taken->first().sequence})));
    }
    QCOMPARE(*resultOf(recorder->outbox().depth()), 0);

    VERIFY_OK(resultOf(recorder->outbox().sendAgain(Outbox::Lost::SinceTheCopy)));

    QCOMPARE(eventsOf(*recorder), newest); // the older versions are not worth sending
}

namespace {

/// Takes everything out of the outbox, as the mirror does: the kinds and keys of what it holds, in order.
QStringList everythingOf(Recorder &recorder)
{
    QStringList told;
    while (true) {
        const auto rows = resultOf(recorder.outbox().oldest(50));
        if (!rows || rows->isEmpty())
            return told;
        QList<qint64> sequences;
        for (const OutboxRow &row : *rows) {
            const QJsonObject event = QJsonDocument::fromJson(row.json).object();
            const QJsonObject record = event.value("row"_L1).toObject();
            told << event.value("kind"_L1).toString() + u' ' + record.value("error_code"_L1).toString(record.value("stage_name"_L1).toString());
            sequences << row.sequence;
        }
        if (!resultOf(recorder.outbox().markSent(sequences)))
            return told;
    }
}

} // namespace

void RecorderTest::aServerMadeAnewIsToldWhatOnlyTheOldOneKnew()
{
    const auto recorder = open();
    QVERIFY(recorder);
    const ProjectRecord project = samples::project();
    const BatchRecord batch = samples::batch(project);
    AttemptRecord over = samples::attempt(batch);
    over.status = Status::Failed;
    const AttemptRecord running = samples::attempt(batch, samples::SomeTimeMs + 1000);
    const ErrorRecord error = samples::error(over, Stage::Validation, ErrorCode::ValidationInvalidImage);
    const bool isFromServer = true;
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.surroundings = samples::surroundings();
    VERIFY_OK(resultOf(recorder->recordDurably(
        {BatchAccepted{batch, project, {}, false}, AttemptChanged{over, isFromServer}, StageChanged{samples::ended(samples::stage(over, Stage::Selection))},
         StageChanged{samples::ended(samples::stage(over, Stage::Validation), false), isFromServer}, ErrorHappened{error, isFromServer},
         PhotoKnown{samples::photo(over), isFromServer}, AttemptChanged{running}, StageChanged{samples::stage(running, Stage::Transfer)},
         StageChanged{samples::stage(running, Stage::Reception), isFromServer}, HeartbeatTaken{heartbeat}})));
    everythingOf(*recorder);

    VERIFY_OK(resultOf(recorder->outbox().sendAgain(Outbox::Lost::Everything)));

    QCOMPARE(everythingOf(*recorder), (QStringList{u"project "_s, u"batch "_s, u"attempt "_s, u"stage selection"_s, u"stage validation"_s,
                                                   u"error VALIDATION_INVALID_IMAGE"_s, u"photo "_s, u"attempt "_s, u"stage transfer"_s, u"heartbeat "_s}));
    QVERIFY(everythingOf(*recorder).isEmpty()); // told once
}

void RecorderTest::aRetellingGoesOnAfterTheEndOfTheProgram()
{
    constexpr int Attempts = 250;
    {
        const auto recorder = open();
        QVERIFY(recorder);
        Changes changes;
        for (int i = 0; i < Attempts; ++i)
            changes << AttemptChanged{samples::attempt({}, samples::SomeTimeMs + i), true};
        VERIFY_OK(resultOf(recorder->recordDurably(changes)));
        VERIFY_OK(resultOf(recorder->outbox().sendAgain(Outbox::Lost::Everything)));
        QVERIFY(!resultOf(recorder->outbox().oldest(50))->isEmpty());
    }
    const auto again = open();
    QVERIFY(again);

    QCOMPARE(everythingOf(*again).size(), Attempts);
}

void RecorderTest::outboxSurvivesTheEndOfTheProgram()
{
    QList<QUuid> before;
    {
        const auto recorder = open();
        QVERIFY(recorder);
        VERIFY_OK(resultOf(recorder->recordDurably({AttemptChanged{samples::attempt({})}, AttemptChanged{samples::attempt({})}})));
        before = eventsOf(*recorder);
    }
    const auto again = open();
    QVERIFY(again);

    QCOMPARE(before.size(), 2);
    QCOMPARE(eventsOf(*again), before);
}

void RecorderTest::anotherUploadIdBeginsWithoutParts()
{
    const auto recorder = open();
    QVERIFY(recorder);
    const QUuid attempt = newUuid7();
    const QUuid upload = newUuid7();
    VERIFY_OK(resultOf(recorder->recordDurably({UploadAssigned{attempt, upload, 16}, PartAcknowledged{attempt, 1, 16, u"aa"_s},
                                                PartAcknowledged{attempt, 1, 16, u"ab"_s}, CommitSent{attempt}})));

    VERIFY_OK(resultOf(recorder->recordDurably({UploadAssigned{attempt, upload, 16}})));
    QCOMPARE(rows(u"SELECT number, checksum, (SELECT is_commit_sent FROM queue_uploads) FROM queue_parts"_s), QStringList{u"1|ab|1"_s});

    VERIFY_OK(resultOf(recorder->recordDurably({UploadAssigned{attempt, newUuid7(), 16}})));
    QCOMPARE(rows(u"SELECT (SELECT count(*) FROM queue_parts), is_commit_sent FROM queue_uploads"_s), QStringList{u"0|0"_s});

    VERIFY_OK(resultOf(recorder->recordDurably({UploadForgotten{attempt}})));
    QCOMPARE(rows(u"SELECT count(*) FROM queue_uploads"_s), QStringList{u"0"_s});
}

void RecorderTest::stagesThatTheServerLostMakeRoomForItsNewOnes()
{
    const auto recorder = open();
    QVERIFY(recorder);
    const AttemptRecord attempt = samples::attempt({});
    StageRecord reception = samples::stage(attempt, Stage::Reception);
    reception.rowVersion = 5;
    StageRecord validation = samples::stage(attempt, Stage::Validation);
    validation.rowVersion = 5;
    const ErrorRecord error = samples::error(attempt, Stage::Validation, ErrorCode::MetadataUnreadable);
    VERIFY_OK(resultOf(recorder->recordDurably({AttemptChanged{attempt}, StageChanged{samples::stage(attempt, Stage::Transfer)},
                                                StageChanged{reception, true}, StageChanged{validation, true}, ErrorHappened{error, true}})));

    VERIFY_OK(resultOf(recorder->recordDurably({ServerStagesLost{attempt.clientUploadId}})));

    const QString known = u"SELECT stage_name, row_version FROM fact_upload_stages WHERE row_version > 0 ORDER BY stage_id"_s;
    QCOMPARE(rows(known), QStringList{u"transfer|1"_s});
    validation.rowVersion = reception.rowVersion = 1; // as the new database counts them
    VERIFY_OK(resultOf(recorder->recordDurably({StageChanged{reception, true}, StageChanged{validation, true}})));
    QCOMPARE(rows(known).size(), 3);
    QCOMPARE(rows(u"SELECT s.stage_name FROM fact_upload_errors e JOIN fact_upload_stages s ON s.stage_id = e.stage_id"_s),
             QStringList{u"validation"_s});
}

void RecorderTest::damagedFileIsNamedSo()
{
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(8192, 'x'));
    file.close();

    const auto recorder = Recorder::open(path());

    QVERIFY(!recorder);
    QCOMPARE(recorder.error().code, ErrorCode::LocalListDamaged);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray(8192, 'x'));
}

QTEST_GUILESS_MAIN(RecorderTest)
#include "tst_recorder.moc"
