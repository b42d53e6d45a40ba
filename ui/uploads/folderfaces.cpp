#include "ui/uploads/folderfaces.h"

#include "models/vocabulary/whendone.h"

namespace photolift::ui {

namespace {
constexpr int Among = 3; ///< times as many are looked at: some may be no photos
}

FolderFaces::FolderFaces(UploadFeed &feed, QObject *parent)
    : QObject(parent)
    , m_feed(feed)
{
}

void FolderFaces::ask(const QUuid &batchId, int most)
{
    store::ItemFilter filter;
    filter.batchId = batchId;
    filter.most = Among * most;
    whenDone(m_feed.itemOrder(filter), this, [this, batchId, most](const Result<QList<qint64>> &order) {
        if (!order || order->isEmpty())
            return;
        whenDone(m_feed.itemsByRowId(*order), this, [this, batchId, most](const Result<QList<store::ItemView>> &views) {
            if (!views)
                return;
            QList<store::Item> faces;
            for (const store::ItemView &view : *views) {
                if (view.item.state != ItemState::Skipped && faces.size() < most)
                    faces << view.item;
            }
            Q_EMIT known(batchId, faces);
        });
    });
}

} // namespace photolift::ui
