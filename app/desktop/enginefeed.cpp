#include "app/desktop/enginefeed.h"

#include "app/client/client.h"
#include "app/desktop/picturereader.h"
#include "models/pipeline/engine.h"
#include "models/store/archive.h"
#include "models/wire/messages.h"

#include <QPromise>

#include <utility>

namespace photolift::desktop {

using namespace Qt::StringLiterals;
using pipeline::Engine;

namespace {
/// The answer to a question that nobody can answer yet.
template <typename T> QFuture<T> unanswered()
{
    QPromise<T> promise;
    promise.start();
    return promise.future(); // the promise goes away unkept: cancelled
}
}

EngineFeed::EngineFeed(QObject *parent)
    : UploadFeed(parent)
    , m_pictures(new PictureReader(client::Client::program("photolift-photo"_L1)))
{
    m_pictureThread.setObjectName(u"pictures"_s);
    m_pictures->moveToThread(&m_pictureThread);
    connect(&m_pictureThread, &QThread::finished, m_pictures, &QObject::deleteLater);
    m_pictureThread.start(QThread::LowPriority);
}

void EngineFeed::attach(client::Client &client)
{
    m_client = &client;
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
    connect(&client, &client::Client::serverFailing, this, &UploadFeed::serverFailing);
    for (const auto &act : std::exchange(m_early, {}))
        act(client.engine());
}

void EngineFeed::command(std::function<void(Engine &)> act)
{
    if (m_client)
        act(m_client->engine());
    else
        m_early << std::move(act);
}

EngineFeed::~EngineFeed()
{
    m_pictureThread.quit();
    m_pictureThread.wait();
}

void EngineFeed::accept(const pipeline::Drop &drop) { command([=](Engine &engine) { engine.accept(drop); }); }
void EngineFeed::pauseAll() { command([](Engine &engine) { engine.pauseAll(); }); }
void EngineFeed::resumeAll() { command([](Engine &engine) { engine.resumeAll(); }); }
void EngineFeed::pauseBatch(const QUuid &batchId) { command([=](Engine &engine) { engine.pauseBatch(batchId); }); }
void EngineFeed::resumeBatch(const QUuid &batchId) { command([=](Engine &engine) { engine.resumeBatch(batchId); }); }
void EngineFeed::putFirst(const QUuid &batchId) { command([=](Engine &engine) { engine.putFirst(batchId); }); }
void EngineFeed::clearFinished() { command([](Engine &engine) { engine.clearFinished(); }); }
void EngineFeed::cancelBatch(const QUuid &batchId) { command([=](Engine &engine) { engine.cancelBatch(batchId); }); }
void EngineFeed::cancelItems(const QList<QUuid> &itemIds) { command([=](Engine &engine) { engine.cancelItems(itemIds); }); }
void EngineFeed::undoCancel() { command([](Engine &engine) { engine.undoCancel(); }); }
void EngineFeed::retryItems(const QList<QUuid> &itemIds) { command([=](Engine &engine) { engine.retryItems(itemIds); }); }
void EngineFeed::retryAllFailed() { command([](Engine &engine) { engine.retryAllFailed(); }); }
void EngineFeed::retryByCause(ErrorCode cause) { command([=](Engine &engine) { engine.retryByCause(cause); }); }
void EngineFeed::skipItems(const QList<QUuid> &itemIds) { command([=](Engine &engine) { engine.skipItems(itemIds); }); }
void EngineFeed::setRateLimit(qint64 bytesPerSecond) { command([=](Engine &engine) { engine.setRateLimit(bytesPerSecond); }); }
void EngineFeed::tryNow() { command([](Engine &engine) { engine.tryNow(); }); }

QFuture<Result<QList<store::BatchView>>> EngineFeed::batches(bool withCleared)
{
    return m_client ? m_client->archive().batches(withCleared) : unanswered<Result<QList<store::BatchView>>>();
}

QFuture<Result<QList<qint64>>> EngineFeed::itemOrder(const store::ItemFilter &filter)
{
    return m_client ? m_client->archive().itemOrder(filter) : unanswered<Result<QList<qint64>>>();
}

QFuture<Result<QList<store::ItemView>>> EngineFeed::itemsByRowId(const QList<qint64> &rowIds)
{
    return m_client ? m_client->archive().itemsByRowId(rowIds) : unanswered<Result<QList<store::ItemView>>>();
}

QFuture<Result<QList<store::ItemView>>> EngineFeed::itemsById(const QList<QUuid> &itemIds)
{
    return m_client ? m_client->archive().itemsById(itemIds) : unanswered<Result<QList<store::ItemView>>>();
}

QFuture<Result<QHash<store::ItemGroup, qint64>>> EngineFeed::groupCounts(const store::ItemFilter &filter)
{
    return m_client ? m_client->archive().groupCounts(filter) : unanswered<Result<QHash<store::ItemGroup, qint64>>>();
}

QFuture<Result<qint64>> EngineFeed::countOfCause(ErrorCode cause)
{
    return m_client ? m_client->archive().countOfCause(cause) : unanswered<Result<qint64>>();
}

QFuture<Result<store::ItemDetail>> EngineFeed::itemDetail(const QUuid &itemId)
{
    return m_client ? m_client->archive().itemDetail(itemId) : unanswered<Result<store::ItemDetail>>();
}

QFuture<Result<QList<ProjectRecord>>> EngineFeed::projects()
{
    return m_client ? m_client->archive().projects() : unanswered<Result<QList<ProjectRecord>>>();
}

QFuture<QImage> EngineFeed::picture(const store::Item &item, QSize pixels)
{
    return m_pictures->read(item.absolutePath, pixels);
}

} // namespace photolift::desktop
