#include "models/pipeline/nextattempts.h"

#include "models/photo/filelook.h"
#include "models/pipeline/retrypolicy.h"
#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

#include <QtConcurrentRun>

namespace photolift::pipeline {

namespace {
constexpr int SourceLookMs = 10'000;
constexpr int MostSources = 200; ///< looked for at a time
constexpr std::array SourceCodes{ErrorCode::SelectionFileMissing, ErrorCode::SelectionNoPermission, ErrorCode::SelectionCardRemoved,
                                 ErrorCode::PreprocessingReadFailed};
}

NextAttempts::NextAttempts(const Workshop &workshop, store::WorkList &workList, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_workList(workList)
{
    m_clock.start();
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &NextAttempts::due);
    m_sourceTimer.setInterval(SourceLookMs);
    connect(&m_sourceTimer, &QTimer::timeout, this, &NextAttempts::lookForSources);
}

void NextAttempts::start(const QList<store::Item> &waiting)
{
    for (const store::Item &item : waiting) {
        const qint64 delay = item.retryAtMs.value_or(0) - nowMs();
        schedule(item.itemId, std::clamp<qint64>(delay, 0, m_workshop.tuning.nextAttemptMs)); // the clock may have jumped
    }
    m_sourceTimer.start();
}

void NextAttempts::noteEnded(const store::Item &item)
{
    if (item.state == ItemState::WaitingToRetry)
        schedule(item.itemId, m_workshop.tuning.nextAttemptMs);
    else if (item.state == ItemState::NeedsYou && item.errorCode && healsWithSource(*item.errorCode))
        m_sourceTimer.start();
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
    while (!m_byTime.empty() && m_byTime.begin()->first <= m_clock.elapsed()) {
        const auto item = m_workList.item(m_byTime.begin()->second);
        m_byTime.erase(m_byTime.begin());
        if (item && *item && (*item)->state == ItemState::WaitingToRetry)
            items.append(**item);
    }
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

void NextAttempts::lookForSources()
{
    if (m_isLooking)
        return;
    QList<store::Item> missing;
    for (const ErrorCode code : SourceCodes) {
        if (const auto items = m_workList.waitingFor(code, MostSources)) {
            for (const store::Item &item : *items) {
                if (item.state == ItemState::NeedsYou)
                    missing.append(item);
            }
        }
    }
    if (missing.isEmpty()) {
        m_sourceTimer.stop();
        return;
    }
    m_isLooking = true;
    whenDone(QtConcurrent::run(&m_workshop.looks,
                               [missing] {
                                   QSet<QUuid> there;
                                   for (const store::Item &item : missing) {
                                       if (photo::lookAt(item.absolutePath))
                                           there.insert(item.itemId);
                                   }
                                   return there;
                               }),
             this, [this, missing](const QSet<QUuid> &there) {
                 m_isLooking = false;
                 takeBack(missing, there);
             });
}

void NextAttempts::takeBack(const QList<store::Item> &missing, const QSet<QUuid> &there)
{
    QList<store::Item> back;
    for (const store::Item &item : missing) {
        const bool isThere = there.contains(item.itemId);
        // Its first bytes say nothing of a file that could not be read to its end: the card has to have been away.
        const bool mustHaveBeenGone = item.errorCode == ErrorCode::PreprocessingReadFailed;
        if (!isThere)
            m_wereGone.insert(item.itemId);
        else if (m_wereGone.remove(item.itemId) || !mustHaveBeenGone)
            back.append(item);
    }
    queueAgain(back);
}

} // namespace photolift::pipeline
