#pragma once

#include "app/server/metrics/servermetrics.h"
#include "app/server/objects/objectstore.h"

namespace photolift::server {

/// Passes every call on to another store and counts those that it did not carry out. What a store says of an upload, such as that it is
/// unknown or not whole yet, is an answer and no error of the store.
class CountingStore final : public ObjectStore
{
public:
    /// `store` outlives it.
    CountingStore(ObjectStore &store, std::shared_ptr<ServerMetrics> metrics);

    QLatin1StringView partChecksum() const override { return m_store.partChecksum(); }
    Result<> probe() override { return m_store.probe(); }
    std::optional<qint64> freeBytes() const override { return m_store.freeBytes(); }
    Result<QByteArray> begin(const QUuid &uploadId, qint64 size, qint64 partBytes) override
    {
        return counted(m_store.begin(uploadId, size, partBytes));
    }
    bool namesUploads() const override { return m_store.namesUploads(); }
    void know(const QUuid &uploadId, qint64 size, qint64 partBytes, const QByteArray &name) override
    {
        m_store.know(uploadId, size, partBytes, name);
    }
    Result<QList<wire::PartLink>> links(const QUuid &uploadId, const QList<wire::PartOrder> &parts, const QByteArray &origin) override
    {
        return counted(m_store.links(uploadId, parts, origin));
    }
    Result<QList<StoredPart>> parts(const QUuid &uploadId) override { return counted(m_store.parts(uploadId)); }
    Result<> assemble(const QUuid &uploadId, const QList<StoredPart> &expected) override { return counted(m_store.assemble(uploadId, expected)); }
    Result<Reread> reread(const QUuid &uploadId, const std::atomic<bool> &cancelled) override { return counted(m_store.reread(uploadId, cancelled)); }
    Result<qint64> assembledSize(const QUuid &uploadId) override { return counted(m_store.assembledSize(uploadId)); }
    Result<int> openAssembled(const QUuid &uploadId) override { return counted(m_store.openAssembled(uploadId)); }
    Result<int> openObject(const QString &sha256, qint64 size) override { return counted(m_store.openObject(sha256, size)); }
    Result<> promote(const QUuid &uploadId, const QString &sha256, qint64 size) override { return counted(m_store.promote(uploadId, sha256, size)); }
    Result<wire::PartLink> downloadLink(const QString &sha256, qint64 size, const QByteArray &origin) override
    {
        return counted(m_store.downloadLink(sha256, size, origin));
    }
    Result<bool> hasObject(const QString &sha256, qint64 size) override { return counted(m_store.hasObject(sha256, size)); }
    Result<bool> holdsObject(const QString &sha256, qint64 size, const std::atomic<bool> &cancelled) override
    {
        return counted(m_store.holdsObject(sha256, size, cancelled));
    }
    Result<> putDerived(const QString &sha256, qint64 size, QLatin1StringView what, QByteArrayView bytes) override
    {
        return counted(m_store.putDerived(sha256, size, what, bytes));
    }
    Result<QByteArray> derived(const QString &sha256, qint64 size, QLatin1StringView what) override { return counted(m_store.derived(sha256, size, what)); }
    Result<> removeObject(const QString &sha256, qint64 size) override { return counted(m_store.removeObject(sha256, size)); }
    Result<> discard(const QUuid &uploadId) override { return counted(m_store.discard(uploadId)); }
    Result<QList<QUuid>> stale(qint64 olderThanMs) override { return counted(m_store.stale(olderThanMs)); }

private:
    template <typename T> Result<T> counted(Result<T> result)
    {
        if (!result)
            note(result.error().code);
        return result;
    }
    void note(ErrorCode code);

    ObjectStore &m_store;
    const std::shared_ptr<ServerMetrics> m_metrics;
};

} // namespace photolift::server
