#include "models/pipeline/scheduler.h"

#include "models/pipeline/firstlooks.h"
#include "models/pipeline/queueholds.h"
#include "models/pipeline/twinwatch.h"
#include "models/vocabulary/correlation.h"

#include <QLoggingCategory>

namespace photolift::pipeline {

namespace {
Q_LOGGING_CATEGORY(lcScheduler, "photolift.pipeline")

constexpr int PageSize = 64;
constexpr qsizetype MostRunners = 512; ///< in slots and waiting for one: while there are so many, no photo of the queue begins
}

Scheduler::Scheduler(const Workshop &workshop, store::WorkList &workList, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_workList(workList)
    , m_slotLimit(workshop.tuning.jobs)
{
    m_soon.setSingleShot(true);
    connect(&m_soon, &QTimer::timeout, this, &Scheduler::fill);
    m_ripe.setSingleShot(true);
    connect(&m_ripe, &QTimer::timeout, this, &Scheduler::wake);
    connect(&m_workshop.twins, &TwinWatch::released, this, [this](const QUuid &attempt) {
        for (AttemptRunner *runner : std::as_const(m_runners)) {
            if (runner->id() == attempt)
                runner->twinEnded();
        }
    });
}

void Scheduler::takeUp(const store::Item &item, const store::WorkList::Progress &progress)
{
    standInLine(new AttemptRunner(m_workshop, item, progress, {}, this));
}

void Scheduler::takeBack(const store::Item &item, const GivenBack &why)
{
    if (m_runners.contains(item.itemId))
        return;
    if (Result<store::WorkList::Progress> progress = m_workList.progress(item.clientUploadId))
        standInLine(new AttemptRunner(m_workshop, item, *std::move(progress), why, this));
    else
        qCWarning(lcScheduler).noquote() << "an attempt cannot be taken up:" << progress.error().detail;
}

void Scheduler::standInLine(AttemptRunner *runner)
{
    adopt(runner);
    m_ready.append(runner);
    wake();
}

void Scheduler::wake()
{
    if (!m_soon.isActive())
        m_soon.start(0);
}

void Scheduler::forgetPage()
{
    m_page.clear();
    m_isExhausted = false;
    Q_EMIT pageForgotten();
    wake();
}

void Scheduler::release(const QSet<QUuid> &itemIds)
{
    m_withheld -= itemIds;
    forgetPage();
}

void Scheduler::setWithheld(const QUuid &batchId, bool isWithheld)
{
    if (isWithheld)
        m_withheldBatches.insert(batchId);
    else
        m_withheldBatches.remove(batchId);
    forgetPage();
}

void Scheduler::setOpen(bool isOpen)
{
    m_isOpen = isOpen;
    wake();
}

void Scheduler::setPaused(bool isPaused)
{
    m_isPaused = isPaused;
    for (AttemptRunner *runner : runners())
        runner->setPaused(isPaused || m_pausedBatches.contains(runner->item().batchId));
    forgetPage();
}

void Scheduler::setBatchPaused(const QUuid &batchId, bool isPaused)
{
    if (isPaused)
        m_pausedBatches.insert(batchId);
    else
        m_pausedBatches.remove(batchId);
    m_workshop.twins.setBatchPaused(batchId, isPaused);
    for (AttemptRunner *runner : runners()) {
        if (runner->item().batchId == batchId)
            runner->setPaused(isPaused || m_isPaused);
    }
    forgetPage();
}

void Scheduler::setCounting(const QUuid &batchId, bool isCounting)
{
    if (isCounting)
        m_countingBatches.insert(batchId);
    else
        m_countingBatches.remove(batchId);
    forgetPage();
}

void Scheduler::halveSlots()
{
    m_slotLimit = std::max(1, m_slotLimit / 2);
    qCInfo(lcScheduler) << "photos at the same time:" << m_slotLimit;
}

void Scheduler::regainSlot()
{
    if (m_slotLimit >= m_workshop.tuning.jobs)
        return;
    ++m_slotLimit;
    qCInfo(lcScheduler) << "photos at the same time:" << m_slotLimit;
    wake();
}

void Scheduler::tryNow()
{
    for (AttemptRunner *runner : runners())
        runner->tryNow();
    wake();
}

void Scheduler::holdLifted()
{
    for (AttemptRunner *runner : runners())
        runner->holdLifted();
    wake();
}

void Scheduler::fill()
{
    while (m_isOpen && !m_isPaused && m_inSlots < slots_() && startNext()) { }
    Q_EMIT filled();
}

bool Scheduler::startNext()
{
    while (!m_ready.isEmpty()) {
        const QPointer<AttemptRunner> runner = m_ready.takeFirst();
        if (runner && !runner->hasSlot()) {
            ++m_inSlots;
            runner->grantSlot();
            return true;
        }
    }
    return m_runners.size() < MostRunners && startQueued();
}

bool Scheduler::startQueued()
{
    if (m_page.isEmpty() && !m_isExhausted) {
        const QList<QUuid> inHand = m_runners.keys();
        const Result<QList<store::Item>> page =
            m_workList.next(PageSize, QSet<QUuid>(inHand.begin(), inHand.end()) + m_withheld, heldBatches());
        if (!page) {
            qCWarning(lcScheduler).noquote() << "the queue cannot be read:" << page.error().detail;
            if (page.error().code == ErrorCode::LocalListDamaged)
                m_workshop.holds.hold(page.error().code);
            return false;
        }
        m_page = *page;
        m_isExhausted = m_page.isEmpty();
    }
    const std::optional<store::Item> item = takeRipe();
    if (!item)
        return false;
    if (!m_runners.contains(item->itemId) && !m_withheld.contains(item->itemId)) {
        auto *runner = new AttemptRunner(m_workshop, *item, m_workshop.batch(item->batchId), this);
        adopt(runner);
        ++m_inSlots;
        runner->grantSlot();
    }
    return true;
}

/// The first whose second look is due. Those of one walk have been seen at nearly the same time: they wait together, without a slot.
std::optional<store::Item> Scheduler::takeRipe()
{
    std::optional<qint64> shortest;
    for (qsizetype at = 0; at < m_page.size(); ++at) {
        const qint64 waitMs = m_workshop.firstLooks.msUntilSecond(m_page.at(at));
        if (waitMs == 0)
            return m_page.takeAt(at);
        shortest = std::min(shortest.value_or(waitMs), waitMs);
    }
    if (shortest)
        m_ripe.start(std::chrono::milliseconds(*shortest));
    return std::nullopt;
}

void Scheduler::adopt(AttemptRunner *runner)
{
    m_runners.insert(runner->item().itemId, runner);
    connect(runner, &AttemptRunner::slotReleased, this, [this] {
        --m_inSlots;
        wake();
    });
    connect(runner, &AttemptRunner::slotWanted, this, [this, runner] {
        if (!m_ready.contains(runner))
            m_ready.append(runner);
        wake();
    });
    connect(runner, &AttemptRunner::committed, this, [this, runner](const CommittedUpload &upload) {
        drop(runner);
        Q_EMIT committed(upload);
    });
    connect(runner, &AttemptRunner::ended, this, [this, runner] {
        m_workshop.twins.forget(runner->id());
        drop(runner);
        Q_EMIT attemptEnded(runner->item().itemId, runner->id());
    });
    connect(runner, &AttemptRunner::skipped, this, [this, runner] {
        drop(runner);
        Q_EMIT attemptEnded(runner->item().itemId, {});
    });
    runner->setPaused(m_isPaused || m_pausedBatches.contains(runner->item().batchId));
}

void Scheduler::drop(AttemptRunner *runner)
{
    m_runners.remove(runner->item().itemId);
    m_ready.removeAll(runner);
    if (runner->hasSlot())
        --m_inSlots;
    runner->deleteLater();
    wake();
}

} // namespace photolift::pipeline
