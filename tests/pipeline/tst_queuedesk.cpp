#include "models/pipeline/engineparts.h"

#include "models/context/surroundingsprobe.h"
#include "models/photo/helper.h"
#include "models/transfer/dataplane.h"

#include "tests/store/recordeddrop.h"
#include "tests/support/databaseholder.h"

#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::pipeline;
using support::DatabaseHolder;

/// The engine's parts on one recorded drop, without a server and without the engine: what a person does, and what comes of itself in the
/// moment before that is on disk.
class TestQueueDesk final : public QObject, private samples::RecordedDrop
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void whatIsSkippedIsWithheldUntilThatIsOnDisk();
    void aNextAttemptLeavesAnAttemptUnderWayAlone();
    void aNextAttemptDoesNotUndoTheCancelOfADropOnItsWay();
    void whatANewerCancelTookOverComesBackWhenThatCannotBeWritten();

private:
    store::Item recorded(const store::ItemMoved &moved)
    {
        write({moved});
        return moved.item;
    }
    ItemState stateOf(const store::Item &item) { return (*m_work->item(item.itemId))->state; }

    const Tuning m_tuning;
    std::unique_ptr<transfer::ApiClient> m_api;
    std::unique_ptr<transfer::DataPlane> m_dataPlane;
    std::unique_ptr<context::SurroundingsProbe> m_probe;
    std::unique_ptr<photo::Helper> m_helper;
    std::unique_ptr<EngineParts> m_parts;
};

void TestQueueDesk::init()
{
    open();
    m_api = std::make_unique<transfer::ApiClient>();
    m_dataPlane = std::make_unique<transfer::DataPlane>(transfer::DataPlane::Options{});
    m_probe = std::make_unique<context::SurroundingsProbe>(
        context::SurroundingsProbe::Sources{.root = m_folder->path(), .busAddress = u"unix:path=/nowhere"_s});
    m_helper = std::make_unique<photo::Helper>(photo::Helper::Options{});
    m_parts = std::make_unique<EngineParts>(Services{.recorder = m_recorder.get(),
                                                     .databasePath = listFile(),
                                                     .api = m_api.get(),
                                                     .dataPlane = m_dataPlane.get(),
                                                     .helper = m_helper.get(),
                                                     .surroundings = m_probe.get()},
                                            m_tuning, std::move(*store::WorkList::open(listFile())));
}

void TestQueueDesk::cleanup()
{
    m_parts.reset();
    m_helper.reset();
    m_probe.reset();
    m_dataPlane.reset();
    m_api.reset();
    close();
}

void TestQueueDesk::whatIsSkippedIsWithheldUntilThatIsOnDisk()
{
    const store::Item item = recorded(samples::moved(m_items.at(0), ItemState::NeedsYou, ErrorCode::SelectionFileMissing));
    DatabaseHolder holder(listFile(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    m_parts->desk.skipItems({item.itemId});

    QVERIFY(m_parts->scheduler.isWithheld(item)); // its file may be seen to be back now
    QVERIFY(holder.release());
    QTRY_VERIFY(!m_parts->scheduler.isWithheld(item));
    QCOMPARE(stateOf(item), ItemState::Dismissed);
}

void TestQueueDesk::aNextAttemptLeavesAnAttemptUnderWayAlone()
{
    AttemptRecord attempt = samples::attempt(m_drop.batch);
    attempt.itemId = m_items.at(0).itemId;
    store::ItemMoved waiting = samples::moved(m_items.at(0), ItemState::WaitingToRetry, ErrorCode::ApiUnavailable);
    waiting.item.clientUploadId = attempt.clientUploadId;
    waiting.item.attemptNumber = 2;
    waiting.item.retryAtMs = nowMs() + m_tuning.nextAttemptMs;
    write({store::AttemptChanged{attempt}});
    const store::Item item = recorded(waiting);
    m_parts->nextAttempts.start({item}); // noted when the attempt before had ended; somebody has tried it again since
    m_parts->scheduler.takeUp(item, *m_work->progress(attempt.clientUploadId));

    m_parts->nextAttempts.allNow();

    write({}); // behind everything that was on its way
    QCOMPARE(stateOf(item), ItemState::WaitingToRetry);
}

void TestQueueDesk::aNextAttemptDoesNotUndoTheCancelOfADropOnItsWay()
{
    store::Item item = recorded(samples::moved(m_items.at(0), ItemState::WaitingToRetry, ErrorCode::ApiUnavailable));
    item.retryAtMs = nowMs() + m_tuning.nextAttemptMs;
    m_parts->nextAttempts.start({item});
    QSignalSpy cancelled(&m_parts->desk, &QueueDesk::cancelled);
    std::optional<DatabaseHolder> holder;
    QObject::connect( // between the first step, behind what was on its way, and the second, which cancels what waits
        m_recorder.get(), &store::Recorder::committed, &cancelled, [&] { holder.emplace(listFile(), "BEGIN EXCLUSIVE;"); },
        Qt::ConnectionType(Qt::QueuedConnection | Qt::SingleShotConnection));
    m_parts->desk.cancelBatch(m_drop.batch.batchId, false);
    QTRY_VERIFY(holder && holder->isHolding());
    QCoreApplication::processEvents();
    // What follows is on disk a good while after the cancel, whose last look at what waits is over by then.
    const QFuture<Result<qint64>> apart = m_recorder->outbox().depth();
    const store::BatchAccepted other = samples::accepted(m_project);
    m_recorder->record({other, store::ItemsFound{other.batch.batchId, samples::items(other.batch, 10'000)}});

    m_parts->nextAttempts.allNow();
    QVERIFY(holder->release());

    QTRY_COMPARE(cancelled.size(), 1);
    write({});
    QCOMPARE(stateOf(item), ItemState::Cancelled);
}

/// The undo of a cancel leaves the drop to a newer one that is on its way; when that one is taken back nobody wants the drop cancelled.
void TestQueueDesk::whatANewerCancelTookOverComesBackWhenThatCannotBeWritten()
{
    QSignalSpy cancelled(&m_parts->desk, &QueueDesk::cancelled);
    m_parts->desk.cancelBatch(m_drop.batch.batchId, false);
    QTRY_COMPARE(cancelled.size(), 1);
    QCOMPARE(stateOf(m_items.at(0)), ItemState::Cancelled);
    const QList<store::Item> more = samples::items(m_drop.batch, 6).sliced(5);
    write({store::ItemsFound{m_drop.batch.batchId, more}});
    DatabaseHolder list(listFile(), "CREATE TRIGGER refused BEFORE UPDATE ON queue_items WHEN new.error_code = 'USER_CANCELLED' "
                                    "BEGIN SELECT RAISE(ABORT, 'refused'); END; BEGIN;");
    QVERIFY(list.isHolding() && list.release());

    m_parts->desk.cancelBatch(m_drop.batch.batchId, false);
    m_parts->desk.undoCancel();

    QTRY_COMPARE(stateOf(m_items.at(0)), ItemState::Queued);
    QCOMPARE(stateOf(m_items.at(4)), ItemState::Queued);
    QCOMPARE(stateOf(more.first()), ItemState::Queued);
    QCOMPARE(cancelled.size(), 1);
}

QTEST_GUILESS_MAIN(TestQueueDesk)
#include "tst_queuedesk.moc"
