#pragma once

#include "app/server/objects/objectstore.h"

#include <QByteArray>
#include <QDateTime>
#include <QList>

namespace photolift::server {

/// What S3's answers say, and the one document it wants from us. Unknown elements are passed over; what is missing stays empty.

/// InitiateMultipartUploadResult: the store's own id of the upload.
QByteArray uploadIdFrom(const QByteArray &xml);

/// Whether this is a CompleteMultipartUploadResult and no error. (Its ETag says nothing: RADOS Gateway leaves it empty.)
bool saysCompleted(const QByteArray &xml);

/// A key in a list: of an unfinished upload (ListMultipartUploads) or of an object (ListObjectsV2).
struct S3Listed {
    QByteArray key;
    QByteArray uploadId; ///< of unfinished uploads
    QDateTime since;     ///< begun, or last written
    qint64 size = 0;     ///< of objects
};
/// A list comes in pages: where `isTruncated`, the next one begins behind these.
struct S3Page {
    QList<S3Listed> entries;
    bool isTruncated = false;
    QByteArray nextKey;
    QByteArray nextUploadId;
    QByteArray continuation;
};
S3Page uploadsFrom(const QByteArray &xml);
S3Page objectsFrom(const QByteArray &xml);

/// ListParts. The checksum is the ETag, an MD5 in hex.
struct S3PartPage {
    QList<StoredPart> parts;
    QDateTime lastWritten;
    bool isTruncated = false;
    int nextMarker = 0;
};
S3PartPage partsFrom(const QByteArray &xml);

/// The body of CompleteMultipartUpload.
QByteArray completionOf(const QList<StoredPart> &parts);

} // namespace photolift::server
