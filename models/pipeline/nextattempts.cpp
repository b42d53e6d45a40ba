#include "models/pipeline/nextattempts.h"

#include "models/pipeline/retrypolicy.h"
#include "models/pipeline/scheduler.h"
#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

namespace photolift::pipeline {

namespace {
constexpr int WithheldMs = 100; ///< until a photo whose cancel is on its way to the disk is looked at again
}

NextAttempts::NextAttempts(const Workshop &workshop, store::WorkList &workList, const Scheduler &scheduler, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_workList(workList)
    , m_scheduler(scheduler)
    , m_sources(workshop.looks, workList,
                [this](const store::Item &item) { return m_scheduler.isWithheld(item) || m_scheduler.runnerOf(item.itemId); }, nullptr)
{
    m_clock.start();
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &NextAttempts::due);
    connect(&m_sources, &MissingSources::back, this, &NextAttempts::queueAgain);
}

void NextAttempts::start(const QList<store::Item> &waiting)
{
    for (const store::Item &item : waiting) {
        const qint64 delay = item.retryAtMs.value_or(0) - nowMs();
        schedule(item.itemId, std::clamp<qint64>(delay, 0, m_workshop.tuning.nextAttemptMs)); // the clock may have jumped
    }
    m_sources.takeUp();
}

void NextAttempts::noteEnded(const store::Item &item)
{
    if (item.state == ItemState::WaitingToRetry)
        schedule(item.itemId, m_workshop.tuning.nextAttemptMs);
    else if (item.state == ItemState::NeedsYou && item.errorCode && healsWithSource(*item.errorCode))
        m_sources.add(item);
}

void NextAttempts::schedule(const QUuid &itemId, qint64 delayMs)
{
    m_byTime.emplace(m_clock.elapsed() + delayMs, itemId);
    m_timer.start(std::chrono::milliseconds(std::max<qint64>(0, m_byTime.begin()->first - m_clock.elapsed())));
}

void NextAttempts::allNow()
{
    std::multimap<qint64, QUuid> now;
    for (const auto &[time, itemId] : m_byTime)
        now.emplace(0, itemId);
    m_byTime = std::move(now);
    due();
}

void NextAttempts::due()
{
    QList<store::Item> items;
    QList<QUuid> withheld;
    while (!m_byTime.empty() && m_byTime.begin()->first <= m_clock.elapsed()) {
        const auto item = m_workList.item(m_byTime.begin()->second);
        m_byTime.erase(m_byTime.begin());
        if (!item || !*item || (*item)->state != ItemState::WaitingToRetry || m_scheduler.runnerOf((*item)->itemId))
            continue; // an attempt that began since tries again by itself
        if (m_scheduler.isWithheld(**item))
            withheld.append((*item)->itemId); // if its cancel cannot be written, it still waits
        else
            items.append(**item);
    }
    for (const QUuid &itemId : std::as_const(withheld))
        schedule(itemId, WithheldMs);
    queueAgain(items);
    if (!m_byTime.empty())
        m_timer.start(std::chrono::milliseconds(m_byTime.begin()->first - m_clock.elapsed()));
}

void NextAttempts::queueAgain(const QList<store::Item> &items)
{
    store::Changes changes;
    for (store::Item item : items) {
        item.state = ItemState::Queued;
        item.errorCode.reset();
        item.errorStage.reset();
        item.retryAtMs.reset();
        changes.append(store::ItemMoved{item});
    }
    if (!changes.isEmpty())
        whenDone(m_workshop.recorder.recordDurably(changes), this, [this](const Result<> &) { Q_EMIT queuedAgain(); });
}

} // namespace photolift::pipeline
