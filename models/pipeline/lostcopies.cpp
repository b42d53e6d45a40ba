#include "models/pipeline/lostcopies.h"

#include "models/pipeline/scheduler.h"
#include "models/store/recorder.h"
#include "models/vocabulary/whendone.h"

namespace photolift::pipeline {

namespace {
constexpr int PageSize = 64;
}

LostCopies::LostCopies(const Workshop &workshop, store::WorkList &workList, const Scheduler &scheduler, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_workList(workList)
    , m_scheduler(scheduler)
{
    connect(&m_scheduler, &Scheduler::pageForgotten, this, [this] { m_hasNone = false; });
}

QFuture<Result<>> LostCopies::take(const QList<QUuid> &clientUploadIds)
{
    const Result<QList<store::Item>> items = m_workList.endedWell(clientUploadIds);
    if (!items)
        return QtFuture::makeReadyFuture(Result<>(items.error()));
    store::Changes changes;
    for (store::Item item : *items) {
        item.state = ItemState::WaitingToRetry;
        item.errorCode = ErrorCode::StorageCopyDamaged;
        item.errorStage = Stage::Storage;
        item.retryAtMs.reset();
        item.isSafe = false;
        item.lostSha256 = item.sha256;
        changes.append(store::ItemMoved{item});
    }
    const QFuture<Result<>> recorded = m_workshop.recorder.recordDurably(changes);
    whenDone(recorded, this, [this](const Result<> &) { Q_EMIT taken(); });
    return recorded;
}

void LostCopies::feed()
{
    if (m_isFeeding || m_hasNone)
        return;
    const Result<QList<store::Item>> page = m_workList.lostCopies(PageSize, m_scheduler.heldBatches());
    store::Changes changes;
    for (store::Item item : page ? *page : QList<store::Item>()) {
        if (m_scheduler.isWithheld(item))
            continue; // its cancel is on its way to the disk
        item.state = ItemState::Queued;
        item.errorCode.reset();
        item.errorStage.reset();
        changes.append(store::ItemMoved{item});
    }
    m_hasNone = page && changes.isEmpty();
    if (changes.isEmpty())
        return;
    m_isFeeding = true;
    whenDone(m_workshop.recorder.recordDurably(changes), this, [this](const Result<> &) {
        m_isFeeding = false;
        Q_EMIT queued();
    });
}

} // namespace photolift::pipeline
