#pragma once

#include "ui/uploads/uploadfeed.h"

#include <QThread>

#include <functional>

namespace photolift::client {
class Client;
}
namespace photolift::desktop {

class PictureReader;

/// The window's feed, out of one client: commands go to the engine, questions to the archive, pictures to a helper of their own.
/// The window is there before its client: until attach() commands are kept, and questions get a future that was cancelled.
/// Lives on the UI thread; the client outlives it.
class EngineFeed final : public ui::UploadFeed
{
    Q_OBJECT
public:
    explicit EngineFeed(QObject *parent = nullptr);
    ~EngineFeed() override;

    void attach(client::Client &client); ///< once

    void accept(const pipeline::Drop &drop) override;
    void pauseAll() override;
    void resumeAll() override;
    void pauseBatch(const QUuid &batchId) override;
    void resumeBatch(const QUuid &batchId) override;
    void putFirst(const QUuid &batchId) override;
    void clearFinished() override;
    void cancelBatch(const QUuid &batchId) override;
    void cancelItems(const QList<QUuid> &itemIds) override;
    void undoCancel() override;
    void retryItems(const QList<QUuid> &itemIds) override;
    void retryAllFailed() override;
    void retryByCause(ErrorCode cause) override;
    void skipItems(const QList<QUuid> &itemIds) override;
    void setRateLimit(qint64 bytesPerSecond) override;
    void tryNow() override;

    QFuture<Result<QList<store::BatchView>>> batches(bool withCleared) override;
    QFuture<Result<QList<qint64>>> itemOrder(const store::ItemFilter &filter) override;
    QFuture<Result<QList<store::ItemView>>> itemsByRowId(const QList<qint64> &rowIds) override;
    QFuture<Result<QList<store::ItemView>>> itemsById(const QList<QUuid> &itemIds) override;
    QFuture<Result<QHash<store::ItemGroup, qint64>>> groupCounts(const store::ItemFilter &filter) override;
    QFuture<Result<qint64>> countOfCause(ErrorCode cause) override;
    QFuture<Result<store::ItemDetail>> itemDetail(const QUuid &itemId) override;
    QFuture<Result<QList<ProjectRecord>>> projects() override;
    QFuture<QImage> picture(const store::Item &item, QSize pixels) override;

Q_SIGNALS:
    /// The embedded server's own folder of photos, when it said it.
    void storageFolderKnown(const QString &folder);

private:
    void command(std::function<void(pipeline::Engine &)> act);

    client::Client *m_client = nullptr;
    QList<std::function<void(pipeline::Engine &)>> m_early; ///< commands from before attach()
    QThread m_pictureThread;
    PictureReader *m_pictures; ///< on its thread
};

} // namespace photolift::desktop
