#include "models/pipeline/earlyselection.h"

#include "models/pipeline/firstlooks.h"
#include "models/photo/kind.h"
#include "models/pipeline/scheduler.h"
#include "models/store/recorder.h"
#include "models/vocabulary/whendone.h"

#include <QtConcurrentRun>

namespace photolift::pipeline {

namespace {
constexpr int PageSize = 64;
constexpr int WithheldMs = 100; ///< until a drop that is being cancelled is looked at again

bool isNeverTried(const SelectionAnswer &answer)
{
    if (answer.file)
        return false;
    const ErrorCode code = answer.file.error().code;
    return code == ErrorCode::SelectionNotAccepted || code == ErrorCode::SelectionFileEmpty;
}
}

EarlySelection::EarlySelection(const Workshop &workshop, store::WorkList &workList, Scheduler &scheduler, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_workList(workList)
    , m_scheduler(scheduler)
{
    m_secondLook.setSingleShot(true);
    connect(&m_secondLook, &QTimer::timeout, this, &EarlySelection::lookAgain);
    m_soon.setSingleShot(true);
    connect(&m_soon, &QTimer::timeout, this, &EarlySelection::lookOn);
}

void EarlySelection::setActive(bool isActive)
{
    m_isActive = isActive;
    if (!isActive)
        return;
    lookAgain();
    lookOn();
}

void EarlySelection::lookOn()
{
    if (!m_isActive || m_isLooking)
        return;
    const auto page = m_workList.queuedBehind(m_lookedTo, PageSize);
    if (!page || page->isEmpty())
        return;
    const QHash<QUuid, qint64> lookedTo = m_lookedTo;
    QList<Look> looks;
    for (const store::Item &item : *page) {
        if (m_scheduler.isWithheld(item)) { // its cancel is on its way to the disk, and needs both
            m_soon.start(WithheldMs);
            break;
        }
        if (const qint64 waitMs = m_workshop.firstLooks.msUntilSecond(item); waitMs > 0) {
            m_soon.start(std::chrono::milliseconds(waitMs));
            break;
        }
        m_lookedTo[item.batchId] = item.ordinal;
        if (item.attemptNumber == 0) // else it was a photo once, and its attempts are on record
            looks.append({.item = item, .before = m_workshop.firstLooks.of(item)});
    }
    if (m_lookedTo != lookedTo)
        lookAt(looks);
}

void EarlySelection::lookAnew()
{
    m_lookedTo.clear();
    m_told.clear();
    lookOn();
}

void EarlySelection::lookAgain()
{
    if (!m_isActive || m_isLooking)
        return; // comes back when they begin again, or when the looks under way have ended
    QList<Look> due;
    while (!m_again.isEmpty() && m_again.first().due.hasExpired())
        due.append(m_again.takeFirst());
    if (!m_again.isEmpty())
        m_secondLook.start(std::chrono::milliseconds(m_again.first().due.remainingTime()));
    if (!due.isEmpty())
        lookAt(due);
}

void EarlySelection::lookAt(QList<Look> looks)
{
    m_isLooking = true;
    whenDone(QtConcurrent::run(&m_workshop.looks,
                               [looks = std::move(looks)]() mutable {
                                   for (Look &look : looks) {
                                       look.answer = selectFile(look.item.absolutePath, look.before);
                                       if (look.answer.file) // open files of a whole page would be many
                                           look.answer.file = SelectedFile{};
                                   }
                                   return looks;
                               }),
             this, [this](const QList<Look> &looked) {
                 m_isLooking = false;
                 judge(looked);
                 lookAgain();
                 lookOn();
                 sayWhenThrough();
             });
}

bool EarlySelection::hasLookedThrough()
{
    if (m_isLooking || m_unwritten > 0 || !m_again.isEmpty())
        return false;
    const auto more = m_workList.queuedBehind(m_lookedTo, 1);
    return !more || more->isEmpty();
}

void EarlySelection::sayWhenThrough()
{
    if (!hasLookedThrough())
        return;
    store::Changes told;
    for (auto drop = m_lookedTo.constBegin(); drop != m_lookedTo.constEnd(); ++drop) {
        if (m_told.value(drop.key(), -1) != drop.value())
            told.append(store::DropLooked{drop.key(), drop.value()});
    }
    m_told = m_lookedTo;
    if (!told.isEmpty())
        m_workshop.recorder.record(told);
    Q_EMIT lookedThrough();
}

void EarlySelection::judge(const QList<Look> &looks)
{
    const int apartMs = m_workshop.tuning.stableLookMs;
    QList<Look> refused;
    for (const Look &look : looks) {
        if (isNeverTried(look.answer))
            refused.append(look);
        else if (!look.answer.file && look.answer.file.error().code == ErrorCode::SelectionStillWriting && !look.isSecond)
            m_again.append({.item = look.item, .before = look.answer.seen, .due = QDeadlineTimer(apartMs), .isSecond = true});
    }
    skip(refused);
}

void EarlySelection::skip(const QList<Look> &refused)
{
    store::Changes changes;
    QSet<QUuid> itemIds;
    for (const Look &look : refused) {
        // Meanwhile its attempt may have begun, or a person may have cancelled it.
        const auto now = m_workList.item(look.item.itemId);
        const bool isStillQueued = now && *now && (*now)->state == ItemState::Queued;
        if (!isStillQueued || m_scheduler.runnerOf(look.item.itemId) || m_scheduler.isWithheld(look.item))
            continue;
        store::Item item = **now;
        item.state = ItemState::Skipped;
        item.errorCode = look.answer.file.error().code;
        item.errorStage = Stage::Selection;
        item.isMissed = photo::severityWhenSkipped(*item.errorCode, item.relativePath) >= photo::MissedSeverity;
        itemIds.insert(item.itemId);
        changes.append(store::ItemMoved{item});
    }
    if (changes.isEmpty())
        return;
    m_scheduler.withhold(itemIds);
    ++m_unwritten;
    whenDone(m_workshop.recorder.recordDurably(changes), this, [this, itemIds](const Result<> &) {
        --m_unwritten;
        m_scheduler.release(itemIds);
        for (const QUuid &itemId : itemIds)
            Q_EMIT skipped(itemId);
        sayWhenThrough();
    });
}

} // namespace photolift::pipeline
