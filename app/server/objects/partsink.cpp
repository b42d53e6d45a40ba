#include "app/server/objects/partsink.h"

#include "app/server/objects/durable.h"
#include "app/server/objects/s3answer.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <fcntl.h>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
/// The disk begins with what is here while the rest is on its way, so that the fdatasync at the end is short.
constexpr qint64 FlushBytes = 4 * 1024 * 1024;

/// What a writer is told after somebody else took over: ask again, then it is decided.
Error tookOver()
{
    return Error{ErrorCode::ApiUnavailable, u"another request writes this part now"_s};
}
}

PartSink::PartSink(PartDoor &door, UploadFolder upload, const QUuid &uploadId, StoredPart part, photo::FileDescriptor file,
                   std::shared_ptr<PartDoor::Claim> claim, HttpRequest request)
    : m_door(door)
    , m_upload(std::move(upload))
    , m_uploadId(uploadId)
    , m_part(std::move(part))
    , m_file(std::move(file))
    , m_claim(std::move(claim))
    , m_request(std::move(request))
{
}

PartSink::~PartSink()
{
    if (m_claim)
        m_door.release({m_uploadId, m_part.number}, m_claim);
}

Result<> PartSink::write(QByteArrayView chunk)
{
    if (m_received + chunk.size() > m_part.size)
        return Error{ErrorCode::ApiRequestRefused, u"more bytes than announced"_s};
    m_hash.add(chunk);
    if (m_claim) {
        const std::lock_guard writing(m_claim->mutex);
        if (m_claim->isLost)
            return tookOver();
        const qint64 begin = m_upload.partOffset(m_part.number);
        if (Result<> written = durable::writeAt(m_file.get(), chunk, begin + m_received); !written)
            return written;
        const qint64 unflushed = m_received + chunk.size() - m_flushed;
        if (unflushed >= FlushBytes) {
            // Only begun, never waited for: durability is the business of fdatasync.
            ::sync_file_range(m_file.get(), begin + m_flushed, unflushed, SYNC_FILE_RANGE_WRITE);
            m_flushed = m_received + chunk.size();
        }
    }
    m_received += chunk.size();
    faultPoint("store.part.written");
    return {};
}

HttpResponse PartSink::finish()
{
    if (m_received != m_part.size || m_hash.result().toHex() != m_part.checksum.toLatin1())
        return s3Refusal(S3Refusal::BadDigest, m_request);
    if (m_claim) {
        if (const Result<> done = acknowledge(); !done)
            return refused(done.error());
    }
    HttpResponse response;
    response.headers.emplaceBack("ETag", QByteArray('"' + m_part.checksum.toLatin1() + '"'));
    return response;
}

Result<> PartSink::acknowledge()
{
    const std::lock_guard writing(m_claim->mutex);
    if (m_claim->isLost)
        return tookOver();
    if (Result<> synced = durable::syncData(m_file.get()); !synced) {
        m_door.m_options.onUnsound();
        return synced;
    }
    faultPoint("store.part.synced");
    Result<> marked = m_upload.acknowledge(m_part);
    if (!marked && marked.error().code == ErrorCode::StorageNotReady)
        m_door.m_options.onUnsound();
    if (marked) {
        m_claim->isLost = true; // from here on the part is never written again
        faultPoint("store.part.acknowledged");
    }
    return marked;
}

HttpResponse PartSink::refused(const Error &error) const
{
    if (error.code == ErrorCode::TransferUploadGone)
        return s3Refusal(S3Refusal::NoSuchUpload, m_request);
    return problemResponse(httpStatusFor(error.code), error, m_request);
}

} // namespace photolift::server
