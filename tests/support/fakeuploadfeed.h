#pragma once

#include "ui/uploads/uploadfeed.h"

#include <QStringList>

namespace photolift::test {

/// A feed of plain structs: what the page asks is answered from lists a test fills, at once; what it commands is written down.
class FakeUploadFeed final : public ui::UploadFeed
{
    Q_OBJECT
public:
    using UploadFeed::UploadFeed;

    QList<store::BatchView> batchList; ///< newest first
    QList<store::ItemView> items;      ///< in order; rowId is the position + 1
    QHash<QUuid, store::ItemDetail> details;
    QList<ProjectRecord> projectList;
    QHash<QString, QImage> pictures;   ///< by file name
    QStringList commands;              ///< such as "pauseAll", "retryItems 2"
    QList<pipeline::Drop> drops;
    QList<QUuid> lastItems;
    qint64 rateLimit = -1;
    int itemsAsked = 0;                ///< rows handed out
    bool areItemsReadable = true;

    /// Adds a folder with this many waiting photos; returns its id.
    QUuid addFolder(const QString &name, int photos, const QString &project = QStringLiteral("Photos"));
    store::ItemView &item(int row) { return items[row]; }
    /// Counts the folder's numbers anew from the states of its photos.
    void recount();

    void accept(const pipeline::Drop &drop) override;
    void pauseAll() override { commands << QStringLiteral("pauseAll"); }
    void resumeAll() override { commands << QStringLiteral("resumeAll"); }
    void pauseBatch(const QUuid &) override { commands << QStringLiteral("pauseBatch"); }
    void resumeBatch(const QUuid &) override { commands << QStringLiteral("resumeBatch"); }
    void putFirst(const QUuid &) override { commands << QStringLiteral("putFirst"); }
    void clearFinished() override { commands << QStringLiteral("clearFinished"); }
    void cancelBatch(const QUuid &) override { commands << QStringLiteral("cancelBatch"); }
    void cancelItems(const QList<QUuid> &itemIds) override { note(QStringLiteral("cancelItems"), itemIds); }
    void undoCancel() override { commands << QStringLiteral("undoCancel"); }
    void retryItems(const QList<QUuid> &itemIds) override { note(QStringLiteral("retryItems"), itemIds); }
    void retryAllFailed() override { commands << QStringLiteral("retryAllFailed"); }
    void retryByCause(ErrorCode cause) override { commands << QStringLiteral("retryByCause ") + QString(errorName(cause)); }
    void skipItems(const QList<QUuid> &itemIds) override { note(QStringLiteral("skipItems"), itemIds); }
    void setRateLimit(qint64 bytesPerSecond) override { rateLimit = bytesPerSecond; }
    void tryNow() override { commands << QStringLiteral("tryNow"); }

    QFuture<Result<QList<store::BatchView>>> batches(bool withCleared) override;
    QFuture<Result<QList<qint64>>> itemOrder(const store::ItemFilter &filter) override;
    QFuture<Result<QList<store::ItemView>>> itemsByRowId(const QList<qint64> &rowIds) override;
    QFuture<Result<QList<store::ItemView>>> itemsById(const QList<QUuid> &itemIds) override;
    QFuture<Result<QHash<store::ItemGroup, qint64>>> groupCounts(const store::ItemFilter &filter) override;
    QFuture<Result<qint64>> countOfCause(ErrorCode cause) override;
    QFuture<Result<store::ItemDetail>> itemDetail(const QUuid &itemId) override;
    QFuture<Result<QList<ProjectRecord>>> projects() override;
    QFuture<QImage> picture(const store::Item &item, QSize pixels) override;

private:
    void note(const QString &command, const QList<QUuid> &itemIds);
    QHash<QUuid, int> m_rowOf;
};

/// Makes a photo stand at this stage: all before are done, `stage` is in `state`.
void standAt(store::ItemView &view, ItemState itemState, Stage stage, StageState state);
void standDone(store::ItemView &view);

} // namespace photolift::test
