#include "models/pipeline/queuedesk.h"

#include "models/pipeline/recordasked.h"
#include "models/vocabulary/ids.h"

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
    const Begun cancel = begin({.items = {}, .batchId = batchId, .hasStoppedWalk = hasStoppedWalk});
    m_scheduler.setWithheld(batchId, true); // the write takes its time, and nothing of it may start meanwhile
    store::Changes changes;
    for (AttemptRunner *runner : m_scheduler.runners()) {
        if (runner->item().batchId == batchId)
            changes += cancelRunner(*runner, *cancel);
    }
    if (const auto running = m_workList.itemsOfBatch(batchId, ItemState::Running, PageRows)) {
        for (const store::Item &item : *running) {
            if (!m_scheduler.runnerOf(item.itemId))
                cancel->isTooLate |= m_follower.noteCancelAsked(item.itemId);
        }
    }
    // Behind everything that is on its way: ends of attempts, and what the walk had handed over before it was stopped.
    recordCancel(changes, cancel, batchId);
}

store::Changes QueueDesk::cancelRunner(AttemptRunner &runner, Cancel &cancel)
{
    if (!runner.cancel()) {
        cancel.isTooLate |= runner.isCommitSent();
        return {};
    }
    cancel.items.append(runner.item().itemId);
    return runner.cancelToCome();
}

QueueDesk::Begun QueueDesk::begin(const Cancel &asked)
{
    const Begun cancel = std::make_shared<Cancel>(asked);
    m_cancels.append(cancel);
    return cancel;
}

/// One step of the cancel of a drop; the next follows when it is on disk.
void QueueDesk::recordCancel(const store::Changes &changes, const Begun &cancel, const QUuid &batchId)
{
    recordAsked(m_workshop.recorder, changes, this, "a cancel", [this, cancel, batchId](bool isOnDisk) {
        if (isOnDisk)
            return cancelWaiting(batchId, cancel); // also what a walk had on its way
        m_scheduler.setWithheld(batchId, false);
        takeBack(cancel);
    });
}

void QueueDesk::cancelWaiting(const QUuid &batchId, const Begun &cancel)
{
    QSet<QUuid> underWay; // cancelled already; the end of each is written by itself
    for (const AttemptRunner *runner : m_scheduler.runners()) {
        if (runner->item().batchId == batchId)
            underWay.insert(runner->item().itemId);
    }
    const auto waiting = m_workList.waitingOfBatch(batchId, underWay);
    if (!waiting || waiting->items.isEmpty()) {
        m_scheduler.setWithheld(batchId, false);
        noteOnDisk(cancel);
        return;
    }
    cancel->items += waiting->items;
    recordCancel({store::DropCancelled{batchId, underWay.values(), waiting->lastRow, waiting->items}}, cancel, batchId);
}

void QueueDesk::cancelItems(const QList<QUuid> &itemIds)
{
    const Begun cancel = begin({});
    store::Changes changes;
    QSet<QUuid> waiting;
    for (const QUuid &itemId : itemIds) {
        if (AttemptRunner *runner = m_scheduler.runnerOf(itemId)) {
            changes += cancelRunner(*runner, *cancel);
        } else if (const auto item = m_workList.item(itemId); item && *item && isOpenState((*item)->state)) {
            if ((*item)->state == ItemState::Running) {
                cancel->isTooLate |= m_follower.noteCancelAsked(itemId);
                continue;
            }
            store::Item cancelled = **item;
            cancelled.state = ItemState::Cancelled;
            cancelled.errorCode = ErrorCode::UserCancelled;
            cancelled.retryAtMs.reset();
            changes.append(store::ItemMoved{cancelled});
            waiting.insert(itemId);
        }
    }
    cancel->items += waiting.values();
    m_scheduler.withhold(waiting); // until the cancel is on disk the queue would still give these photos out
    m_scheduler.forgetPage();
    recordAsked(m_workshop.recorder, changes, this, "a cancel", [this, cancel, waiting](bool isOnDisk) {
        m_scheduler.release(waiting);
        if (isOnDisk)
            noteOnDisk(cancel);
        else
            takeBack(cancel);
    });
}

/// It could not be written, and nobody was told that it was accepted.
void QueueDesk::takeBack(const Begun &cancel)
{
    const Begun newer = ofDrop(cancel->batchId, m_cancels.mid(m_cancels.indexOf(cancel) + 1));
    m_cancels.removeOne(cancel);
    const Cancel unwritten = std::exchange(*cancel, {});
    const QList<QUuid> items = without(unwritten.items, m_cancels);
    takeBackRunners(items);
    // On disk already are its earlier steps, and what it took over from one that was undone.
    if (newer) { // its undo brings that back
        if (const auto before = m_workList.cancelledAmong(items))
            newer->items += before->items;
        newer->hasStoppedWalk |= unwritten.hasStoppedWalk;
    } else {
        queueCancelled(items);
        if (unwritten.hasStoppedWalk)
            Q_EMIT walkWanted(unwritten.batchId);
    }
    offerNewest();
}

QueueDesk::Begun QueueDesk::ofDrop(const QUuid &batchId, const QList<Begun> &among)
{
    const auto found = std::find_if(among.begin(), among.end(), [&batchId](const Begun &cancel) { return cancel->batchId == batchId; });
    return batchId.isNull() || found == among.end() ? Begun() : *found;
}

store::Changes QueueDesk::takeBackRunners(const QList<QUuid> &items)
{
    store::Changes changes;
    for (const QUuid &itemId : items) {
        if (AttemptRunner *runner = m_scheduler.runnerOf(itemId))
            changes += runner->takeBackCancel(); // its step at hand has not ended yet: nothing has happened
    }
    return changes;
}

/// What others cancelled too stays cancelled when one is taken back.
QList<QUuid> QueueDesk::without(QList<QUuid> items, const QList<Begun> &others)
{
    QSet<QUuid> stay;
    for (const Begun &other : others)
        stay.unite(QSet<QUuid>(other->items.begin(), other->items.end()));
    items.removeIf([&stay](const QUuid &itemId) { return stay.contains(itemId); });
    return items;
}

void QueueDesk::noteOnDisk(const Begun &cancel)
{
    cancel->isOnDisk = true;
    if (cancel->isEmpty()) {
        m_cancels.removeOne(cancel);
        if (cancel->isTooLate)
            Q_EMIT cancelled({}, nowMs(), false);
    }
    offerNewest();
}

/// Of several the newest is offered, once it is on disk, and the older ones not any more.
void QueueDesk::offerNewest()
{
    if (m_cancels.isEmpty() || !m_cancels.last()->isOnDisk || m_cancels.last() == m_offered)
        return;
    m_offered = m_cancels.last();
    m_cancels = {m_offered};
    m_sinceOffered.start();
    Q_EMIT cancelled(m_offered->items, nowMs() + m_workshop.tuning.undoCancelMs, m_offered->hasStoppedWalk);
}

void QueueDesk::undoCancel()
{
    if (!m_offered || m_sinceOffered.elapsed() >= m_workshop.tuning.undoCancelMs)
        return;
    const Begun undone = std::exchange(m_offered, {});
    m_cancels.removeOne(undone);
    // Read behind everything that is on its way: of an attempt that has obeyed already the end may not be on disk yet, and what a newer
    // cancel took is known.
    recordAsked(m_workshop.recorder, takeBackRunners(without(undone->items, m_cancels)), this, "the undo of a cancel",
                [this, undone, before = m_cancels](bool) {
                    // One that took nothing is not among them any more. Else the drop stays cancelled, and the undo of that one brings all back.
                    if (const Begun again = ofDrop(undone->batchId, m_cancels)) {
                        again->items += without(undone->items, {again});
                        again->hasStoppedWalk |= undone->hasStoppedWalk;
                        return;
                    }
                    if (undone->hasStoppedWalk)
                        Q_EMIT walkWanted(undone->batchId);
                    queueCancelled(without(undone->items, before + m_cancels));
                });
}

/// The next attempt of all that has ended cancelled.
void QueueDesk::queueCancelled(const QList<QUuid> &items)
{
    const auto cancelled = m_workList.cancelledAmong(items);
    if (!cancelled || cancelled->items.isEmpty())
        return;
    recordAsked(m_workshop.recorder, {store::CancelUndone{cancelled->items, cancelled->batches}}, this,
                "the undo of a cancel", [this](bool) { m_scheduler.forgetPage(); });
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
    QSet<QUuid> skipped;
    for (const QUuid &itemId : itemIds) {
        const auto item = m_workList.item(itemId);
        if (!item || !*item || (*item)->state != ItemState::NeedsYou)
            continue;
        store::Item dismissed = **item;
        dismissed.state = ItemState::Dismissed;
        changes.append(store::ItemMoved{dismissed});
        skipped.insert(itemId);
    }
    if (changes.isEmpty())
        return;
    m_scheduler.withhold(skipped); // until the skip is on disk its file may be seen to be back
    recordAsked(m_workshop.recorder, changes, this, "a skip", [this, skipped](bool) { m_scheduler.release(skipped); });
}

} // namespace photolift::pipeline
