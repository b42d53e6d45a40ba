#include "app/desktop/enginefeed.h"

#include "app/client/client.h"
#include "app/desktop/picturereader.h"
#include "models/pipeline/engine.h"
#include "models/store/archive.h"
#include "models/wire/messages.h"

namespace photolift::desktop {

using namespace Qt::StringLiterals;
using pipeline::Engine;

EngineFeed::EngineFeed(client::Client &client, QObject *parent)
    : UploadFeed(parent)
    , m_client(client)
    , m_pictures(new PictureReader(client::Client::program("photolift-photo"_L1)))
{
    m_pictureThread.setObjectName(u"pictures"_s);
    m_pictures->moveToThread(&m_pictureThread);
    connect(&m_pictureThread, &QThread::finished, m_pictures, &QObject::deleteLater);
    m_pictureThread.start(QThread::LowPriority);

    // The engine speaks on its own thread; each of these is queued to ours.
    const Engine *engine = &client.engine();
    connect(engine, &Engine::batchAccepted, this, &UploadFeed::batchAccepted);
    connect(engine, &Engine::batchRefused, this, &UploadFeed::batchRefused);
    connect(engine, &Engine::walkProgressed, this, &UploadFeed::walkProgressed);
    connect(engine, &Engine::itemsChanged, this, &UploadFeed::itemsChanged);
    connect(engine, &Engine::batchesChanged, this, &UploadFeed::batchesChanged);
    connect(engine, &Engine::progressSampled, this, &UploadFeed::progressSampled);
    connect(engine, &Engine::queueStateChanged, this, &UploadFeed::queueStateChanged);
    connect(engine, &Engine::cancelled, this, &UploadFeed::cancelled);
    connect(engine, &Engine::serverInfoChanged, this, [this](const wire::Info &info) { Q_EMIT storageFolderKnown(info.storageFolder); });
}

EngineFeed::~EngineFeed()
{
    m_pictureThread.quit();
    m_pictureThread.wait();
}

void EngineFeed::accept(const pipeline::Drop &drop) { m_client.engine().accept(drop); }
void EngineFeed::pauseAll() { m_client.engine().pauseAll(); }
void EngineFeed::resumeAll() { m_client.engine().resumeAll(); }
void EngineFeed::pauseBatch(const QUuid &batchId) { m_client.engine().pauseBatch(batchId); }
void EngineFeed::resumeBatch(const QUuid &batchId) { m_client.engine().resumeBatch(batchId); }
void EngineFeed::putFirst(const QUuid &batchId) { m_client.engine().putFirst(batchId); }
void EngineFeed::clearFinished() { m_client.engine().clearFinished(); }
void EngineFeed::cancelBatch(const QUuid &batchId) { m_client.engine().cancelBatch(batchId); }
void EngineFeed::cancelItems(const QList<QUuid> &itemIds) { m_client.engine().cancelItems(itemIds); }
void EngineFeed::undoCancel() { m_client.engine().undoCancel(); }
void EngineFeed::retryItems(const QList<QUuid> &itemIds) { m_client.engine().retryItems(itemIds); }
void EngineFeed::retryAllFailed() { m_client.engine().retryAllFailed(); }
void EngineFeed::retryByCause(ErrorCode cause) { m_client.engine().retryByCause(cause); }
void EngineFeed::skipItems(const QList<QUuid> &itemIds) { m_client.engine().skipItems(itemIds); }
void EngineFeed::setRateLimit(qint64 bytesPerSecond) { m_client.engine().setRateLimit(bytesPerSecond); }
void EngineFeed::tryNow() { m_client.engine().tryNow(); }

QFuture<Result<QList<store::BatchView>>> EngineFeed::batches(bool withCleared)
{
    return m_client.archive().batches(withCleared);
}

QFuture<Result<QList<qint64>>> EngineFeed::itemOrder(const store::ItemFilter &filter)
{
    return m_client.archive().itemOrder(filter);
}

QFuture<Result<QList<store::ItemView>>> EngineFeed::itemsByRowId(const QList<qint64> &rowIds)
{
    return m_client.archive().itemsByRowId(rowIds);
}

QFuture<Result<QList<store::ItemView>>> EngineFeed::itemsById(const QList<QUuid> &itemIds)
{
    return m_client.archive().itemsById(itemIds);
}

QFuture<Result<QHash<store::ItemGroup, qint64>>> EngineFeed::groupCounts(const store::ItemFilter &filter)
{
    return m_client.archive().groupCounts(filter);
}

QFuture<Result<store::ItemDetail>> EngineFeed::itemDetail(const QUuid &itemId)
{
    return m_client.archive().itemDetail(itemId);
}

QFuture<Result<QList<ProjectRecord>>> EngineFeed::projects()
{
    return m_client.archive().projects();
}

QFuture<QImage> EngineFeed::picture(const store::Item &item, QSize pixels)
{
    return m_pictures->read(item.absolutePath, pixels);
}

} // namespace photolift::desktop
