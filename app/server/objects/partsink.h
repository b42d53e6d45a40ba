#pragma once

#include "app/server/objects/partdoor.h"
#include "models/photo/filedescriptor.h"
#include "models/photo/hasher.h"

namespace photolift::server {

/// Takes one part: hashes it and, unless it is there already, writes it at its place. Acknowledged, durably, in finish() only.
class PartSink final : public BodySink
{
public:
    /// `file` not open and `claim` null: only verify.
    PartSink(PartDoor &door, UploadFolder upload, const QUuid &uploadId, StoredPart part, photo::FileDescriptor file,
             std::shared_ptr<PartDoor::Claim> claim, HttpRequest request);
    ~PartSink() override;

    Result<> write(QByteArrayView chunk) override;
    HttpResponse finish() override;

private:
    Result<> acknowledge();
    HttpResponse refused(const Error &error) const;

    PartDoor &m_door;
    UploadFolder m_upload;
    const QUuid m_uploadId;
    const StoredPart m_part;
    photo::FileDescriptor m_file;
    const std::shared_ptr<PartDoor::Claim> m_claim;
    const HttpRequest m_request;
    photo::Sha256 m_hash;
    qint64 m_received = 0;
    qint64 m_flushed = 0;
};

} // namespace photolift::server
