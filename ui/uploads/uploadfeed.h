#pragma once

#include "models/pipeline/engine.h"
#include "models/store/views.h"

#include <QFuture>
#include <QHash>
#include <QImage>
#include <QObject>

namespace photolift::ui {

/// Everything the Uploads page asks of the world and hears from it. Commands return at once and are carried out elsewhere; questions
/// answer by future; signals arrive on the UI thread. Nothing here may touch disk, network or a query on the caller's thread.
class UploadFeed : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    virtual void accept(const pipeline::Drop &drop) = 0;
    virtual void pauseAll() = 0;
    virtual void resumeAll() = 0;
    virtual void pauseBatch(const QUuid &batchId) = 0;
    virtual void resumeBatch(const QUuid &batchId) = 0;
    virtual void putFirst(const QUuid &batchId) = 0;
    virtual void clearFinished() = 0;
    virtual void cancelBatch(const QUuid &batchId) = 0;
    virtual void cancelItems(const QList<QUuid> &itemIds) = 0;
    virtual void undoCancel() = 0;
    virtual void retryItems(const QList<QUuid> &itemIds) = 0;
    virtual void retryAllFailed() = 0;
    virtual void retryByCause(ErrorCode cause) = 0;
    virtual void skipItems(const QList<QUuid> &itemIds) = 0;
    virtual void setRateLimit(qint64 bytesPerSecond) = 0;
    virtual void tryNow() = 0;

    virtual QFuture<Result<QList<store::BatchView>>> batches(bool withCleared) = 0;
    virtual QFuture<Result<QList<qint64>>> itemOrder(const store::ItemFilter &filter) = 0;
    virtual QFuture<Result<QList<store::ItemView>>> itemsByRowId(const QList<qint64> &rowIds) = 0;
    virtual QFuture<Result<QList<store::ItemView>>> itemsById(const QList<QUuid> &itemIds) = 0;
    virtual QFuture<Result<QHash<store::ItemGroup, qint64>>> groupCounts(const store::ItemFilter &filter) = 0;
    virtual QFuture<Result<qint64>> countOfCause(ErrorCode cause) = 0; ///< photos that retryByCause() would try again
    virtual QFuture<Result<store::ItemDetail>> itemDetail(const QUuid &itemId) = 0;
    virtual QFuture<Result<QList<ProjectRecord>>> projects() = 0;
    /// The photo as a picture that fills these device pixels, decoded in the helper process; a null image when there is none.
    virtual QFuture<QImage> picture(const store::Item &item, QSize pixels) = 0;

Q_SIGNALS:
    void batchAccepted(const QUuid &batchId);
    void batchRefused(const QUuid &batchId, const photolift::Error &error);
    void walkProgressed(const photolift::pipeline::WalkProgress &progress);
    void itemsChanged(const QList<QUuid> &itemIds);
    void batchesChanged(const QList<QUuid> &batchIds);
    void progressSampled(const QList<photolift::pipeline::ItemProgress> &items);
    void queueStateChanged(const photolift::pipeline::QueueState &state);
    /// The server on this computer ends as often as it is started; it is started again all the same. Once until it lives well again.
    void serverFailing(const photolift::Error &error);
    void cancelled(const QList<QUuid> &itemIds, qint64 undoUntilMs, bool hasStoppedWalk = false);
};

/// Whether retryByCause() of its problem takes this photo, too.
inline bool canBeRetriedByCause(const store::Item &item)
{
    return item.errorCode && (item.state == ItemState::NeedsYou || item.state == ItemState::WaitingToRetry);
}

/// Where the photos go, for the words of the page. With the server of this computer: "copied to FOLDER".
struct Destination {
    bool isThisComputer = true;
    QString folder; ///< of the embedded server's photos
    QString host;   ///< of an organisation's server
};

} // namespace photolift::ui
