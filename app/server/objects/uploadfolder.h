#pragma once

#include "app/server/objects/objectstore.h"

#include <QByteArray>
#include <QUuid>

#include <optional>

namespace photolift::server {

/// incoming/UPLOAD, one unfinished upload on disk:
///   bytes-SIZE-PARTBYTES         the photo, each part written at its place; gone once it became an object
///   part-NUMBER-SIZE-CHECKSUM    empty; the part is acknowledged: its bytes are durable and verified
///   object-SHA256-SIZE           empty; what the upload became
/// What is known stands in names, because making a name is one step that is done or not done: there is no marker to be torn.
/// A value; it reads the folder when opened. Blocking. Different threads may open the same upload at once.
class UploadFolder
{
public:
    /// Makes the folder, reserves the space, durable on return. A repeat with the same numbers is success.
    static Result<UploadFolder> make(const QByteArray &incoming, const QUuid &id, qint64 size, qint64 partBytes);
    /// TRANSFER_UPLOAD_GONE when there is none.
    static Result<UploadFolder> open(const QByteArray &incoming, const QUuid &id);
    /// Removes everything of it; nothing there is success.
    static Result<> remove(const QByteArray &incoming, const QUuid &id);

    qint64 size() const { return m_size; }
    int partCount() const;
    qint64 partSize(int number) const; ///< 0: there is no such part
    qint64 partOffset(int number) const { return (number - 1) * m_partBytes; }
    const QList<StoredPart> &parts() const { return m_parts; } ///< by number
    std::optional<StoredPart> part(int number) const;
    QByteArray bytesPath() const;
    bool hasBytes() const { return m_hasBytes; }
    struct ObjectName { QString sha256; qint64 size = 0; };
    const std::optional<ObjectName> &object() const { return m_object; }

    /// The part's bytes are durable already. Its marker is, on return.
    Result<> acknowledge(const StoredPart &part);
    Result<> noteObject(const ObjectName &name);

private:
    explicit UploadFolder(QByteArray path)
        : m_path(std::move(path))
    {
    }
    bool readName(const QByteArray &name);
    Result<> makeMarker(const QByteArray &name);

    QByteArray m_path;
    qint64 m_size = 0;
    qint64 m_partBytes = 0;
    bool m_hasBytes = false;
    QList<StoredPart> m_parts;
    std::optional<ObjectName> m_object;
};

} // namespace photolift::server
