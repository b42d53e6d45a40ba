#pragma once

#include "models/store/views.h"

#include <QFuture>
#include <QHash>
#include <QObject>

#include <memory>

namespace photolift::store {

/// The reading side of a data folder's database: a thread with a read-only connection of its own. Functions may be called
/// from any thread and answer by future; attach with .then(context, ...). Reading never blocks the recorder.
class Archive final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Archive)
public:
    /// The database has to exist: a Recorder made it.
    static Result<std::unique_ptr<Archive>> open(const QString &databasePath);
    ~Archive() override;

    QFuture<Result<QList<BatchView>>> batches(bool withCleared = false); ///< newest first
    QFuture<Result<QueueFigures>> queueFigures();
    /// The row ids that match, in order: 8 bytes a row, so that 100,000 rows scroll anywhere; pages follow by itemsByRowId().
    QFuture<Result<QList<qint64>>> itemOrder(const ItemFilter &filter);
    QFuture<Result<QList<ItemView>>> itemsByRowId(const QList<qint64> &rowIds);
    QFuture<Result<QList<ItemView>>> itemsById(const QList<QUuid> &itemIds);
    QFuture<Result<QHash<ItemGroup, qint64>>> groupCounts(const ItemFilter &filter); ///< of every group under this batch and name filter
    /// How many photos, of all drops, wait or need the person for this reason.
    QFuture<Result<qint64>> countOfCause(ErrorCode cause);
    QFuture<Result<ItemDetail>> itemDetail(const QUuid &itemId);
    /// Of each of these photos that was ever tried the newest attempt, in no order.
    QFuture<Result<QList<AttemptView>>> newestAttempts(const QList<QUuid> &itemIds);
    QFuture<Result<QList<AttemptView>>> attempts(bool failedOnly, int limit); ///< newest first
    /// The item_id of each of these attempts that is known here.
    QFuture<Result<QList<QUuid>>> itemsOfAttempts(const QList<QUuid> &clientUploadIds);
    QFuture<Result<QHash<QString, QString>>> settings();
    QFuture<Result<QList<ProjectRecord>>> projects();

private:
    class Reader;
    explicit Archive(std::unique_ptr<Reader> reader);
    std::unique_ptr<Reader> m_reader;
};

} // namespace photolift::store
