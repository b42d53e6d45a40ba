#pragma once

#include <QByteArray>
#include <QUuid>

#include <optional>

namespace photolift::server {

/// One upload below incoming/. Its numbers stand in the key, so that every server knows them without asking another.
struct S3Upload {
    QUuid id;
    qint64 size = 0;
    qint64 partBytes = 0;
    QByteArray multipartId; ///< the store's own; empty once the upload is one object

    QByteArray key() const;
    int partCount() const { return static_cast<int>((size + partBytes - 1) / partBytes); }
    /// 0: there is no such part.
    qint64 partSize(int number) const;

    /// What all keys of one upload begin with.
    static QByteArray prefix(const QUuid &id);
    /// nullopt for a key that is not ours.
    static std::optional<S3Upload> fromKey(const QByteArray &key);
};

} // namespace photolift::server
