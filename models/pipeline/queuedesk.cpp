#include "models/pipeline/queuedesk.h"

#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

namespace photolift::pipeline {

namespace {
constexpr int PageRows = 2000;
constexpr int MostAtOnce = 1'000'000;

bool isOpenState(ItemState state)
{
    return state == ItemState::Queued || state == ItemState::WaitingToRetry || state == ItemState::Running;
}
}

QueueDesk::QueueDesk(const Workshop &workshop, store::WorkList &workList, Scheduler &scheduler, StatusFollower &follower,
                     NextAttempts &nextAttempts, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_workList(workList)
    , m_scheduler(scheduler)
    , m_follower(follower)
    , m_nextAttempts(nextAttempts)
{
}

void QueueDesk::cancelBatch(const QUuid &batchId, bool hasStoppedWalk)
{
    begin(hasStoppedWalk ? batchId : QUuid());
    m_scheduler.setWithheld(batchId, true); // the write takes its time, and nothing of it may start meanwhile
    for (AttemptRunner *runner : m_scheduler.runners()) {
        if (runner->item().batchId == batchId && runner->cancel())
            m_cancelled.append(runner->item().itemId);
    }
    if (const auto running = m_workList.itemsOfBatch(batchId, ItemState::Running, PageRows)) {
        for (const store::Item &item : *running) {
            if (!m_scheduler.runnerOf(item.itemId))
                m_follower.noteCancelAsked(item.itemId);
        }
    }
    if (!hasStoppedWalk)
        return cancelWaiting(batchId);
    // What the walk had handed over before is still being written.
    whenDone(m_workshop.recorder.recordDurably({}), this, [this, batchId](const Result<> &) { cancelWaiting(batchId); });
}

/// Another cancel: the one before cannot be taken back any more.
void QueueDesk::begin(const QUuid &stoppedWalk)
{
    m_cancelled.clear();
    m_stoppedWalk = stoppedWalk;
    m_sinceCancel.invalidate();
}

void QueueDesk::cancelWaiting(const QUuid &batchId)
{
    QSet<QUuid> underWay; // cancelled above; the end of each is written by itself
    for (const AttemptRunner *runner : m_scheduler.runners()) {
        if (runner->item().batchId == batchId)
            underWay.insert(runner->item().itemId);
    }
    const auto waiting = m_workList.waitingOfBatch(batchId, underWay);
    if (!waiting || waiting->items.isEmpty()) {
        m_scheduler.setWithheld(batchId, false);
        offerUndo();
        return;
    }
    m_cancelled += waiting->items;
    const store::DropCancelled change{batchId, underWay.values(), waiting->lastRow, waiting->items, waiting->bytes};
    whenDone(m_workshop.recorder.recordDurably({change}), this, [this, batchId](const Result<> &recorded) {
        if (recorded)
            cancelWaiting(batchId); // what a walk had on its way
        else
            m_scheduler.setWithheld(batchId, false);
    });
}

void QueueDesk::cancelNow(const QList<store::Item> &items)
{
    store::Changes changes;
    for (store::Item item : items) {
        if (m_scheduler.runnerOf(item.itemId))
            continue;
        m_cancelled.append(item.itemId);
        item.state = ItemState::Cancelled;
        item.errorCode = ErrorCode::UserCancelled;
        item.retryAtMs.reset();
        changes.append(store::ItemMoved{item});
    }
    record(changes);
}

/// Until the cancel is durable the queue would still give these photos out.
void QueueDesk::record(const store::Changes &changes)
{
    QSet<QUuid> items;
    for (const store::Change &change : changes)
        items.insert(std::get<store::ItemMoved>(change).item.itemId);
    if (items.isEmpty())
        return;
    m_scheduler.withhold(items);
    whenDone(m_workshop.recorder.recordDurably(changes), this, [this, items](const Result<> &) { m_scheduler.release(items); });
}

void QueueDesk::cancelItems(const QList<QUuid> &itemIds)
{
    begin({});
    QList<store::Item> waiting;
    for (const QUuid &itemId : itemIds) {
        if (AttemptRunner *runner = m_scheduler.runnerOf(itemId)) {
            if (runner->cancel())
                m_cancelled.append(itemId);
        } else if (const auto item = m_workList.item(itemId); item && *item && isOpenState((*item)->state)) {
            if ((*item)->state == ItemState::Running)
                m_follower.noteCancelAsked(itemId);
            else
                waiting.append(**item);
        }
    }
    cancelNow(waiting);
    m_scheduler.forgetPage();
    offerUndo();
}

void QueueDesk::offerUndo()
{
    m_sinceCancel.start();
    Q_EMIT cancelled(m_cancelled, nowMs() + m_workshop.tuning.undoCancelMs, !m_stoppedWalk.isNull());
}

void QueueDesk::undoCancel()
{
    if (!m_sinceCancel.isValid() || m_sinceCancel.elapsed() > m_workshop.tuning.undoCancelMs)
        return;
    m_sinceCancel.invalidate();
    if (const QUuid walk = std::exchange(m_stoppedWalk, {}); !walk.isNull())
        Q_EMIT walkWanted(walk);
    for (const QUuid &itemId : std::as_const(m_cancelled)) {
        if (AttemptRunner *runner = m_scheduler.runnerOf(itemId))
            runner->takeBackCancel(); // its step at hand has not ended yet: nothing has happened
    }
    const auto cancelled = m_workList.cancelledAmong(std::exchange(m_cancelled, {}));
    if (!cancelled || cancelled->items.isEmpty())
        return;
    whenDone(m_workshop.recorder.recordDurably({store::CancelUndone{cancelled->items, cancelled->batches, cancelled->bytes}}), this,
             [this](const Result<> &) { m_scheduler.forgetPage(); });
}

void QueueDesk::retryItems(const QList<QUuid> &itemIds)
{
    QList<store::Item> items;
    for (const QUuid &itemId : itemIds) {
        if (AttemptRunner *runner = m_scheduler.runnerOf(itemId)) {
            runner->tryNow();
            continue;
        }
        const auto item = m_workList.item(itemId);
        const bool canTryAgain = item && *item
            && ((*item)->state == ItemState::NeedsYou || (*item)->state == ItemState::Dismissed
                || (*item)->state == ItemState::Cancelled || (*item)->state == ItemState::WaitingToRetry
                || (*item)->state == ItemState::Skipped);
        if (canTryAgain)
            items.append(**item);
    }
    m_nextAttempts.queueAgain(items);
}

void QueueDesk::retryFailed(const QUuid &batchId)
{
    if (const auto items = m_workList.needsYou({}, batchId, MostAtOnce))
        m_nextAttempts.queueAgain(*items);
}

void QueueDesk::retryByCause(ErrorCode cause)
{
    const auto found = m_workList.waitingFor(cause, MostAtOnce);
    QList<store::Item> between;
    for (const store::Item &item : found ? *found : QList<store::Item>()) {
        if (AttemptRunner *runner = m_scheduler.runnerOf(item.itemId))
            runner->tryNow();
        else
            between.append(item);
    }
    m_nextAttempts.queueAgain(between);
}

void QueueDesk::skipItems(const QList<QUuid> &itemIds)
{
    store::Changes changes;
    for (const QUuid &itemId : itemIds) {
        const auto item = m_workList.item(itemId);
        if (!item || !*item || (*item)->state != ItemState::NeedsYou)
            continue;
        store::Item dismissed = **item;
        dismissed.state = ItemState::Dismissed;
        changes.append(store::ItemMoved{dismissed});
    }
    if (!changes.isEmpty())
        m_workshop.recorder.recordDurably(changes);
}

} // namespace photolift::pipeline
