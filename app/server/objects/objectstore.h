#pragma once

#include "models/wire/messages.h"

#include <QByteArray>
#include <QList>

#include <atomic>
#include <memory>

namespace photolift::server {

struct StoredPart {
    int number = 0;
    qint64 size = 0;
    QString checksum; ///< hex, of the store's kind
};

/// Where the bytes are. One small interface: a folder here, S3 later. Keys are made by the server; names of photos never reach it.
/// Functions block and may be called from several threads at once (disk pool, workers).
/// incoming/UPLOAD holds an unfinished upload; objects/SHA256-SIZE holds a stored one, content-addressed, exactly its bytes.
class ObjectStore
{
public:
    virtual ~ObjectStore() = default;
    virtual QLatin1StringView partChecksum() const = 0; ///< "sha256" or "md5"
    /// Proves the store at start (FAULTS C-12); STORAGE_NOT_READY names the failed case.
    virtual Result<> probe() = 0;
    virtual std::optional<qint64> freeBytes() const = 0;

    /// Begins an upload of `size` bytes, and answers with the store's own name of it; empty: it has none. STORAGE_NO_SPACE when it cannot fit.
    virtual Result<QByteArray> begin(const QUuid &uploadId, qint64 size, qint64 partBytes) = 0;
    /// Whether begin() answers with a name. Who keeps it spares every server the question for it, and two names of one upload are never mixed up.
    virtual bool namesUploads() const { return false; }
    /// The name that begin() gave the upload, in this process or another. What is known of it here already stays.
    virtual void know(const QUuid &uploadId, qint64 size, qint64 partBytes, const QByteArray &name);
    /// Presigned PUT links: exactly this key, part, size and checksum, LinkSeconds long. `origin` is what the client dials, such as
    /// https://photos.example; a store with an address of its own does not need it.
    virtual Result<QList<wire::PartLink>> links(const QUuid &uploadId, const QList<wire::PartOrder> &parts, const QByteArray &origin) = 0;
    virtual Result<QList<StoredPart>> parts(const QUuid &uploadId) = 0;
    /// All parts there and adding up: the upload becomes one object, not yet content-addressed. RECEPTION_PARTS_MISSING otherwise.
    /// A repeat after a crash succeeds.
    virtual Result<> assemble(const QUuid &uploadId, const QList<StoredPart> &expected) = 0;
    /// One re-read of the assembled (or, after promote(), stored) object from the medium: its SHA-256 (hex) and size.
    struct Reread { QString sha256; qint64 size = 0; };
    virtual Result<Reread> reread(const QUuid &uploadId, const std::atomic<bool> &cancelled) = 0;
    /// How many bytes of the assembled (or stored) object there are, without reading them.
    virtual Result<qint64> assembledSize(const QUuid &uploadId) = 0;
    /// A read-only descriptor of the assembled object; the caller closes it.
    virtual Result<int> openAssembled(const QUuid &uploadId) = 0;
    virtual Result<int> openObject(const QString &sha256, qint64 size) = 0;
    /// Moves the assembled object to objects/SHA256-SIZE, durable on return. What lies there already is read: the right bytes stay as they are, and
    /// anything else is replaced by the upload's, which are read once more before. STORAGE_COPY_DAMAGED: nobody has the right bytes.
    virtual Result<> promote(const QUuid &uploadId, const QString &sha256, qint64 size) = 0;
    /// A presigned GET link of a stored object: exactly this key, for reading, LinkSeconds long (number 0, no headers); whether it is there shows when it is used. `origin` as
    /// for links(). A range may be asked for; a folder wants one no longer than a part.
    virtual Result<wire::PartLink> downloadLink(const QString &sha256, qint64 size, const QByteArray &origin) = 0;
    virtual Result<bool> hasObject(const QString &sha256, qint64 size) = 0;
    /// Whether exactly these bytes lie there, read from the medium to their end; false: they are others, or gone.
    virtual Result<bool> holdsObject(const QString &sha256, qint64 size, const std::atomic<bool> &cancelled) = 0;
    /// Bytes made from an object: "thumbnail", "rendition". Durable on return; create or replace.
    virtual Result<> putDerived(const QString &sha256, qint64 size, QLatin1StringView what, QByteArrayView bytes) = 0;
    virtual Result<QByteArray> derived(const QString &sha256, qint64 size, QLatin1StringView what) = 0;
    /// Removes a stored object and everything made from it, durable on return; what is not there is success.
    virtual Result<> removeObject(const QString &sha256, qint64 size) = 0;
    /// Everything of an unfinished upload is removed; unknown uploads are success.
    virtual Result<> discard(const QUuid &uploadId) = 0;
    /// Uploads in incoming/ that nothing touched for `olderThanMs`.
    virtual Result<QList<QUuid>> stale(qint64 olderThanMs) = 0;
};

inline void ObjectStore::know(const QUuid &, qint64, qint64, const QByteArray &) { }

} // namespace photolift::server
