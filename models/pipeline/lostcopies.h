#pragma once

#include "models/pipeline/workshop.h"
#include "models/store/worklist.h"

#include <QObject>

namespace photolift::pipeline {

class Scheduler;

/// Photos that had come to a good end and are not safe on the server any more, as it says itself: its records were put back from an older copy. They
/// wait in the queue, with STORAGE_COPY_DAMAGED and safe no longer, and get a new attempt when nothing else wants a slot, a page at a time:
/// whatever is dropped meanwhile stands behind one page at most. All of it is on record; a restart forgets nothing.
/// Lives on the engine's thread.
class LostCopies final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LostCopies)
public:
    LostCopies(const Workshop &workshop, store::WorkList &workList, const Scheduler &scheduler, QObject *parent);

    /// Of these attempts those that are the newest of their photos and ended well; the others have been seen to. Ends when that is durable.
    QFuture<Result<>> take(const QList<QUuid> &clientUploadIds);
    /// The queue has nothing more to begin: the next page, if there is one. Photos of a drop of which nothing may start go on waiting where they are.
    /// Having found none it looks again only after the scheduler has forgotten its page: slots get free far more often than that.
    void feed();
    bool isFeeding() const { return m_isFeeding; } ///< a page is on its way into the queue

Q_SIGNALS:
    void taken();  ///< more wait for their turn
    void queued(); ///< a page has its turn

private:
    const Workshop &m_workshop;
    store::WorkList &m_workList;
    const Scheduler &m_scheduler;
    bool m_isFeeding = false;
    bool m_hasNone = false; ///< none that may have its turn, and nothing has changed since
};

} // namespace photolift::pipeline
