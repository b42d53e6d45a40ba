#pragma once

#include "app/server/http/exchange.h"
#include "app/server/objects/objectstore.h"

#include <QDateTime>

#include <chrono>
#include <functional>
#include <memory>

namespace photolift::server {

/// The object store of the embedded server: plain files below one folder.
///   objects/ab/cd/SHA256-SIZE   exactly the bytes of the photo
///   incoming/UPLOAD/            unfinished uploads (uploadfolder.h)
///   derived/ab/cd/SHA256-SIZE.WHAT
/// Speaks S3's protocol for parts: presigned PUT links, its refusals, its ETag. One process per folder. Thread-safe.
class FolderStore final : public ObjectStore
{
public:
    struct Options {
        QByteArray folder; ///< exists
        std::chrono::seconds linkLife{wire::LinkSeconds};
        qint64 maxPartBytes = wire::PartBytes;
        std::function<QDateTime()> now = [] { return QDateTime::currentDateTimeUtc(); };
        /// Called at most once, from any thread, when an fsync failed: everything is refused until a restart (FAULTS 6).
        std::function<void()> onUnsound = [] {};
    };
    explicit FolderStore(Options options);
    ~FolderStore() override;

    /// PUT of parts, GET of stored objects, and the refusal of everything else under /store. Valid as long as the store.
    QList<Route> routes();

    QLatin1StringView partChecksum() const override;
    Result<> probe() override;
    std::optional<qint64> freeBytes() const override;
    Result<QByteArray> begin(const QUuid &uploadId, qint64 size, qint64 partBytes) override;
    Result<QList<wire::PartLink>> links(const QUuid &uploadId, const QList<wire::PartOrder> &parts, const QByteArray &origin) override;
    Result<QList<StoredPart>> parts(const QUuid &uploadId) override;
    Result<> assemble(const QUuid &uploadId, const QList<StoredPart> &expected) override;
    Result<Reread> reread(const QUuid &uploadId, const std::atomic<bool> &cancelled) override;
    Result<qint64> assembledSize(const QUuid &uploadId) override;
    Result<int> openAssembled(const QUuid &uploadId) override;
    Result<int> openObject(const QString &sha256, qint64 size) override;
    Result<> promote(const QUuid &uploadId, const QString &sha256, qint64 size) override;
    Result<wire::PartLink> downloadLink(const QString &sha256, qint64 size, const QByteArray &origin) override;
    Result<bool> hasObject(const QString &sha256, qint64 size) override;
    Result<bool> holdsObject(const QString &sha256, qint64 size, const std::atomic<bool> &cancelled) override;
    Result<> putDerived(const QString &sha256, qint64 size, QLatin1StringView what, QByteArrayView bytes) override;
    Result<QByteArray> derived(const QString &sha256, qint64 size, QLatin1StringView what) override;
    Result<> removeObject(const QString &sha256, qint64 size) override;
    Result<> discard(const QUuid &uploadId) override;
    Result<QList<QUuid>> stale(qint64 olderThanMs) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::server
