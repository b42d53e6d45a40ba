#pragma once

#include "models/store/changes.h"

#include <QSet>

namespace photolift::store {

/// A drop some of whose photos wait, are under way or need somebody.
struct OpenDrop {
    qint64 rowId = 0;
    QList<QByteArray> roots; ///< what was dropped
    QUuid projectId;         ///< for which one
};

/// A photo of such a drop.
struct QueuedPhoto {
    QUuid itemId;
    bool needsYou = false; ///< nothing happens to it before somebody asks
    bool operator==(const QueuedPhoto &) const = default;
};

/// What the pipeline reads of the durable queue: a small read-only view used on the engine's thread. Each call is one indexed
/// query of a bounded page; 100,000 waiting photos are never in memory at once.
class WorkList
{
public:
    static Result<std::unique_ptr<WorkList>> open(const QString &databasePath);
    ~WorkList();
    Q_DISABLE_COPY_MOVE(WorkList)

    /// The next photos to take, best first: batch priority, then the older drop, then file order. Left out: batches that are paused,
    /// those in `exceptBatches` (whatever holds them, it costs the others no place) and items in `except` (already in hand).
    Result<QList<Item>> next(int limit, const QSet<QUuid> &except, const QSet<QUuid> &exceptBatches = {});
    /// Queued photos behind these places (batch -> ordinal; a batch that is not named: from its first), the older drop first.
    Result<QList<Item>> queuedBehind(const QHash<QUuid, qint64> &ordinals, int limit);
    /// Photos with a running attempt that this program run has to take up again: state Running or WaitingToRetry, without those of lostCopies().
    Result<QList<Item>> unfinished();
    /// Of these attempts those that are the newest of their photos, and ended well: the photos.
    Result<QList<Item>> endedWell(const QList<QUuid> &clientUploadIds);
    /// Photos that the server had and lost, and whose next attempt has not had its turn yet; the older drop first. Left out: those of batches
    /// that are paused or in `exceptBatches`. Walks through those left out where another drop has photos that wait, so not to be asked without end.
    Result<QList<Item>> lostCopies(int limit, const QSet<QUuid> &exceptBatches = {});
    static QString lostCopiesQuestion(); ///< the query of a page, for a look at its plan: code, rows of the drops as JSON, limit
    struct Load {
        qint64 items = 0;
        qint64 bytes = 0;
    };
    /// All photos that wait or are under way, and their bytes. Read from a count of each drop, not from the photos.
    Result<Load> notSent();
    /// Drops, without this one, with photos that wait, are under way or need somebody.
    Result<QList<OpenDrop>> openDrops(const QUuid &exceptBatch);
    /// Of these paths those that do so in one of these drops, with their photos.
    Result<QHash<QByteArray, QueuedPhoto>> queuedAmong(const QList<QByteArray> &paths, const QList<qint64> &drops);
    /// Batches whose walk had not ended.
    Result<QList<BatchAccepted>> uncountedBatches();
    Result<std::optional<Item>> item(const QUuid &itemId);
    Result<QList<Item>> itemsOfBatch(const QUuid &batchId, ItemState state, int limit);
    /// Of a drop everything that waits, for its cancel: queued or waiting to retry, without `except`.
    struct WaitingItems {
        QList<QUuid> items;
        qint64 lastRow = 0; ///< the highest rowId of them
    };
    Result<WaitingItems> waitingOfBatch(const QUuid &batchId, const QSet<QUuid> &except);
    /// Of these those that are cancelled, with the drops they are in.
    struct CancelledItems {
        QList<QUuid> items;
        QList<QUuid> batches;
    };
    Result<CancelledItems> cancelledAmong(const QList<QUuid> &items);
    Result<QList<Item>> needsYou(std::optional<ErrorCode> cause, const QUuid &batchId, int limit);
    /// All photos that need somebody for this reason, and where their files are.
    Result<QList<std::pair<QUuid, QByteArray>>> pathsThatNeedYouFor(ErrorCode cause);
    Result<QList<Item>> waitingFor(ErrorCode condition, int limit);
    /// Everything one attempt had reached, to resume it.
    struct Progress {
        AttemptRecord attempt;
        QList<StageRecord> stages;
        std::optional<PhotoRecord> photo;
        QUuid uploadId; ///< null: not asked yet
        qint64 partBytes = 0;
        QList<PartAcknowledged> parts;
        bool isCommitSent = false;
    };
    Result<Progress> progress(const QUuid &clientUploadId);
    Result<std::optional<BatchAccepted>> batch(const QUuid &batchId);
    /// Bytes of all photos that wait or are under way and have no room at the server yet: it reserves that when an upload begins.
    Result<qint64> bytesToBring();
    /// Of the queued photos the bytes that an earlier drop of the same paths has brought already, as far as size and time tell.
    Result<qint64> bytesArrivedBefore();
    Result<std::optional<ProjectRecord>> projectNamed(const QString &name);
    Result<QHash<QString, QString>> settings();

private:
    class Private;
    explicit WorkList(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace photolift::store
