#pragma once

#include "app/server/objects/objectstore.h"

#include <QHash>

#include <functional>
#include <mutex>

namespace photolift::test {

/// An object store in memory that keeps the promises of ObjectStore, for tests of what stands in front of it. put() stands for a PUT to a link.
class MemoryStore final : public server::ObjectStore
{
public:
    /// What a client's PUT would do; false when the upload is not there.
    bool put(const QUuid &uploadId, int number, const QByteArray &bytes);
    /// Changes one byte of the assembled object, as a bad disk would.
    void flipByteAfterAssembly() { m_isFlipping = true; }
    /// With the next picture the assembled objects go, as whoever cleans up by hand would do it.
    void loseAssembledWithAPicture() { m_isLosing = true; }
    /// Called at each removeObject(), on the caller's thread; before anybody calls it.
    void setBeforeRemoval(std::function<void()> function) { m_beforeRemoval = std::move(function); }
    /// Called at each holdsObject(), on the caller's thread; before anybody calls it.
    void setBeforeReading(std::function<void(const QString &sha256)> function) { m_beforeReading = std::move(function); }
    void setBroken(bool isBroken) { m_isBroken = isBroken; } ///< hasObject(), holdsObject() and removeObject() fail
    void setLocked(const QString &sha256) { m_locked.insert(sha256); } ///< its holdsObject() and removeObject() fail; before anybody calls them
    int asked() const { return m_asked; } ///< calls of hasObject()
    int askedForParts() const { return m_askedForParts; }    ///< calls of parts()
    void setNaming(bool isNaming) { m_isNaming = isNaming; } ///< begin() gives names, as S3 does
    int begun() const { return m_begun; }                    ///< calls of begin()
    QList<QByteArray> known() const;                         ///< names told by know()
    void setFreeBytes(qint64 bytes) { m_freeBytes = bytes; }
    QByteArray object(const QString &sha256, qint64 size);
    void keepObject(const QByteArray &bytes); ///< as an earlier server left it
    void loseObject(const QString &sha256, qint64 size);
    void rotObject(const QString &sha256, qint64 size); ///< one bit of it
    QList<QUuid> incoming();
    int objectCount();
    int pictureCount();

    QLatin1StringView partChecksum() const override { return QLatin1StringView("sha256"); }
    Result<> probe() override { return {}; }
    std::optional<qint64> freeBytes() const override { return m_freeBytes; }
    Result<QByteArray> begin(const QUuid &uploadId, qint64 size, qint64 partBytes) override;
    bool namesUploads() const override { return m_isNaming; }
    void know(const QUuid &uploadId, qint64 size, qint64 partBytes, const QByteArray &name) override;
    Result<QList<wire::PartLink>> links(const QUuid &uploadId, const QList<wire::PartOrder> &parts, const QByteArray &origin) override;
    Result<QList<server::StoredPart>> parts(const QUuid &uploadId) override;
    Result<> assemble(const QUuid &uploadId, const QList<server::StoredPart> &expected) override;
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
    struct Incoming {
        qint64 size = 0;
        qint64 begunMs = 0;
        QMap<int, QByteArray> parts;
        std::optional<QByteArray> assembled;
    };

    mutable std::mutex m_mutex;
    QHash<QUuid, Incoming> m_incoming;
    QHash<QString, QByteArray> m_objects;
    QHash<QString, QByteArray> m_derived;
    std::atomic<qint64> m_freeBytes = 100'000'000'000;
    std::atomic<bool> m_isFlipping = false;
    std::atomic<bool> m_isLosing = false;
    std::atomic<bool> m_isBroken = false;
    std::atomic<bool> m_isNaming = false;
    QList<QByteArray> m_known;
    std::atomic<int> m_begun = 0;
    std::atomic<int> m_asked = 0;
    std::atomic<int> m_askedForParts = 0;
    std::function<void()> m_beforeRemoval;
    std::function<void(const QString &)> m_beforeReading;
    QSet<QString> m_locked;
};

/// SHA-256 in lower-case hex, as it travels.
QString sha256Of(const QByteArray &bytes);

} // namespace photolift::test
