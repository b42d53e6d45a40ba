#pragma once

#include "app/server/objects/objectstore.h"
#include "app/server/objects/s3/keptbytes.h"
#include "app/server/objects/s3/s3account.h"

#include <QDateTime>

#include <chrono>
#include <functional>
#include <memory>

namespace photolift::server {

/// The object store of an organisation: one bucket of any S3 store.
///   incoming/UPLOAD-SIZE-PARTBYTES        an upload: first as an unfinished multipart upload, then as one object
///   objects/ab/cd/SHA256-SIZE             exactly the bytes of the photo
///   derived/ab/cd/SHA256-SIZE.WHAT
/// Nothing is remembered beside the bucket but a cache: any number of servers share one, and a restart loses nothing. Photos come by
/// presigned links and never pass through this process. While the clocks of this server and of the store differ by more than StoreClock::Tolerance no
/// links are given out and no uploads begun: STORAGE_NOT_READY. Thread-safe.
class S3Store final : public ObjectStore
{
public:
    struct Options {
        S3Account account;
        QByteArray spoolFolder; ///< exists; holds the bytes of photos being examined, without names
        KeptBytes::Options kept{}; ///< of them, between the re-read and the examination
        std::chrono::seconds linkLife{wire::LinkSeconds};
        std::function<QDateTime()> now = [] { return QDateTime::currentDateTimeUtc(); };
    };
    explicit S3Store(Options options);
    ~S3Store() override;

    QLatin1StringView partChecksum() const override;
    Result<> probe() override;
    std::optional<qint64> freeBytes() const override; ///< nobody knows
    Result<QByteArray> begin(const QUuid &uploadId, qint64 size, qint64 partBytes) override;
    bool namesUploads() const override { return true; }
    void know(const QUuid &uploadId, qint64 size, qint64 partBytes, const QByteArray &name) override;
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
    qint64 requestsSent() const; ///< to the store, in this object's life

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::server
