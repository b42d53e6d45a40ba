#pragma once

#include "models/pipeline/nextattempts.h"
#include "models/pipeline/scheduler.h"
#include "models/pipeline/statusfollower.h"

namespace photolift::pipeline {

/// What a person does to photos of the queue: cancel and undo, retry, skip. A whole drop is cancelled with one statement of
/// the list, whatever its size.
/// Lives on the engine's thread.
class QueueDesk final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(QueueDesk)
public:
    QueueDesk(const Workshop &workshop, store::WorkList &workList, Scheduler &scheduler, StatusFollower &follower,
              NextAttempts &nextAttempts, QObject *parent);

    /// `hasStoppedWalk`: it was still being counted, and the walk was cancelled; an undo wants it back.
    void cancelBatch(const QUuid &batchId, bool hasStoppedWalk);
    void cancelItems(const QList<QUuid> &itemIds);
    void undoCancel();
    void retryItems(const QList<QUuid> &itemIds);
    void retryFailed(const QUuid &batchId); ///< null: of all drops
    void retryByCause(ErrorCode cause);     ///< those that wait for their next attempt, too
    void skipItems(const QList<QUuid> &itemIds);

Q_SIGNALS:
    /// All of it is on disk. Empty, without a stopped walk: it came too late for all that was meant.
    void cancelled(const QList<QUuid> &itemIds, qint64 undoUntilMs, bool hasStoppedWalk);
    void walkWanted(const QUuid &batchId); ///< the cancel that stopped it was taken back

private:
    struct Cancel {
        QList<QUuid> items;
        QUuid batchId; ///< of a whole drop; null: of photos
        bool hasStoppedWalk = false;
        bool isTooLate = false; ///< a committed photo was among what was meant
        bool isOnDisk = false;
        bool isEmpty() const { return items.isEmpty() && !hasStoppedWalk; }
    };
    using Begun = std::shared_ptr<Cancel>;

    Begun begin(const Cancel &asked);
    static store::Changes cancelRunner(AttemptRunner &runner, Cancel &cancel);
    void recordCancel(const store::Changes &changes, const Begun &cancel, const QUuid &batchId);
    void cancelWaiting(const QUuid &batchId, const Begun &cancel);
    void takeBack(const Begun &cancel);
    static Begun ofDrop(const QUuid &batchId, const QList<Begun> &among); ///< null: none
    store::Changes takeBackRunners(const QList<QUuid> &items);
    void noteOnDisk(const Begun &cancel);
    void offerNewest();
    static QList<QUuid> without(QList<QUuid> items, const QList<Begun> &others);
    void queueCancelled(const QList<QUuid> &items);

    const Workshop &m_workshop;
    store::WorkList &m_workList;
    Scheduler &m_scheduler;
    StatusFollower &m_follower;
    NextAttempts &m_nextAttempts;
    QList<Begun> m_cancels; ///< as they were asked for: the offered one, and newer ones that are on their way to the disk
    Begun m_offered;        ///< the last one that was said: the one an undo takes back; null: none
    QElapsedTimer m_sinceOffered;
};

} // namespace photolift::pipeline
