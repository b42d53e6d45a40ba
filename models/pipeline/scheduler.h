#pragma once

#include "models/pipeline/attemptrunner.h"

#include <QHash>
#include <QPointer>
#include <QSet>

namespace photolift::pipeline {

/// Gives the worker slots to photos: first to attempts that wait to go on, those a restart left behind among them, then to the queue.
/// Owns the attempts under way. Lives on the engine's thread.
class Scheduler final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Scheduler)
public:
    Scheduler(const Workshop &workshop, store::WorkList &workList, QObject *parent);

    /// An attempt of an earlier run of the program: it waits for a slot, and can be cancelled or come to its end meanwhile.
    void takeUp(const store::Item &item, const store::WorkList::Progress &progress);
    /// An attempt that was the server's is ours again.
    void takeBack(const store::Item &item, const GivenBack &why);
    void wake();                    ///< something may have become possible: looks soon
    void forgetPage();              ///< the order of the queue changed
    /// These do not start, though the queue says so: their cancel or skip is on its way to the disk.
    void withhold(const QSet<QUuid> &itemIds) { m_withheld += itemIds; }
    bool isWithheld(const store::Item &item) const
    {
        return m_withheld.contains(item.itemId) || m_withheldBatches.contains(item.batchId);
    }
    /// Drops of which nothing starts: paused, still being walked, or withheld as a whole.
    QSet<QUuid> heldBatches() const { return m_countingBatches + m_pausedBatches + m_withheldBatches; }
    void release(const QSet<QUuid> &itemIds); ///< the queue is right again
    /// The same for all photos of a drop that have no attempt yet, however many those are.
    void setWithheld(const QUuid &batchId, bool isWithheld);
    void setOpen(bool isOpen);      ///< false: paused, held, no server, stopping: nothing new starts
    void setPaused(bool isPaused);  ///< all attempts
    void setBatchPaused(const QUuid &batchId, bool isPaused);
    bool isBatchPaused(const QUuid &batchId) const { return m_pausedBatches.contains(batchId); }
    /// Photos of a drop that is still being walked do not start yet: first its size is known, and that it fits.
    void setCounting(const QUuid &batchId, bool isCounting);
    void halveSlots();              ///< LOCAL_RESOURCES_LOW
    void regainSlot();              ///< after it, one per verified photo
    void tryNow();
    void holdLifted();

    AttemptRunner *runnerOf(const QUuid &itemId) const { return m_runners.value(itemId); }
    QList<AttemptRunner *> runners() const { return m_runners.values(); }
    /// The queue has nothing more that may begin, and there is a slot for it.
    bool isHungry() const { return m_isOpen && !m_isPaused && m_page.isEmpty() && m_isExhausted && m_ready.isEmpty() && m_inSlots < slots_(); }
    bool isIdle() const { return m_runners.isEmpty() && m_page.isEmpty() && m_isExhausted; }
    qsizetype active() const { return m_runners.size(); }

Q_SIGNALS:
    void committed(const photolift::pipeline::CommittedUpload &upload);
    void attemptEnded(const QUuid &itemId, const QUuid &clientUploadId);
    void pageForgotten(); ///< what may begin is another than before: more is queued, or something is held or let go
    void filled();        ///< has looked at what is possible

private:
    void fill();
    bool startNext();
    bool startQueued();
    std::optional<store::Item> takeRipe();
    void adopt(AttemptRunner *runner);
    void standInLine(AttemptRunner *runner);
    void drop(AttemptRunner *runner);
    int slots_() const { return std::max(1, m_slotLimit); }

    const Workshop &m_workshop;
    store::WorkList &m_workList;
    QHash<QUuid, AttemptRunner *> m_runners; ///< by item
    QList<QPointer<AttemptRunner>> m_ready;  ///< want a slot
    QList<store::Item> m_page;               ///< of the queue, best first
    QSet<QUuid> m_pausedBatches;
    QSet<QUuid> m_withheld;
    QSet<QUuid> m_withheldBatches;
    QSet<QUuid> m_countingBatches;
    QTimer m_soon;
    QTimer m_ripe; ///< the walk has seen the next photos too lately for a second look
    int m_slotLimit;
    int m_inSlots = 0;
    bool m_isOpen = false;
    bool m_isPaused = false;
    bool m_isExhausted = false; ///< the queue had nothing more when asked last
};

} // namespace photolift::pipeline
