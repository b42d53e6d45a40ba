#pragma once

#include "models/pipeline/walker.h"
#include "models/pipeline/workshop.h"
#include "models/store/worklist.h"

#include <QSemaphore>
#include <QThread>

#include <map>

namespace photolift::pipeline {

/// Takes drops in: writes the batch durably, walks its folders on a thread of their own, and writes what was found, always before
/// anybody hears of it. A walk that a kill ended starts again and adds only what is missing. A file that is queued already for
/// the same project stays with its earlier drop. Lives on the engine's thread.
class Intake final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Intake)
public:
    Intake(const Workshop &workshop, store::WorkList &workList, QList<QByteArray> ownFolders, QObject *parent);
    ~Intake() override; ///< ends the walks; they start again with the next run

    void accept(const Drop &drop);
    void takeUp(const store::BatchAccepted &batch); ///< its walk had not ended
    bool cancelWalk(const QUuid &batchId); ///< true: there was one that went on
    /// After a cancel that ended its walk was taken back: walks again, durably, and adds only what is missing.
    void reopen(const QUuid &batchId);
    /// The program ends: walks stop where they are, and the next start walks again.
    void stop();
    bool isWalking() const { return !m_walks.empty() || !m_later.isEmpty(); }

Q_SIGNALS:
    void batchAccepted(const QUuid &batchId);
    void batchRefused(const QUuid &batchId, const photolift::Error &error);
    void fileAlreadyQueued(const photolift::pipeline::AlreadyQueued &file);
    void walkBegan(const QUuid &batchId);
    void walkProgressed(const photolift::pipeline::WalkProgress &progress);
    void walkEnded(const QUuid &batchId);
    void fileLeftOut(const photolift::pipeline::LeftOut &leftOut);

private:
    struct Walk {
        store::BatchAccepted batch;
        std::unique_ptr<QThread> thread;
        std::shared_ptr<std::atomic<bool>> cancelled = std::make_shared<std::atomic<bool>>(false);
        QList<qint64> earlier; ///< open drops of the project through the same folders
        qint64 found = 0;
        bool isReopened = false;   ///< cancelled, and that taken back before it had ended
        bool isCutShort = false;   ///< by the end of the program
        bool isCountStale = false; ///< taken back after its end was on its way to the list
        qint64 unread = 0; ///< left out for another reason than being a link or special
    };

    Result<ProjectRecord> project(const QString &name);
    QList<qint64> earlierDrops(const store::BatchAccepted &batch);
    QHash<QByteArray, store::QueuedPhoto> queuedBefore(const Walk &walk, const WalkHarvest &harvest);
    static bool goesOnThere(const Walk &walk, const store::QueuedPhoto &before);
    bool overlapsWalk(const store::BatchAccepted &batch) const;
    void begin(const store::BatchAccepted &batch);
    bool isWalking(const QUuid &batchId) const;
    void walkAgain(const QUuid &batchId);
    void startWalk(const store::BatchAccepted &batch);
    void harvested(const QUuid &batchId, const WalkHarvest &harvest);
    void ended(const QUuid &batchId, bool isComplete);

    const Workshop &m_workshop;
    store::WorkList &m_workList;
    const QList<QByteArray> m_ownFolders; ///< not walked
    std::map<QUuid, Walk> m_walks;
    QList<store::BatchAccepted> m_later; ///< wait for a walk through the same folders, to see what it queued
    bool m_isStopped = false;
    QHash<QString, ProjectRecord> m_newProjects; ///< by name, those that this run made
    std::shared_ptr<QSemaphore> m_room; ///< harvests that may be on their way at once
};

} // namespace photolift::pipeline
