#include "app/server/work/stagework.h"

#include "models/vocabulary/faultpoint.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// The parts of an upload all of whose links were signed for checksums that are on record: a store that names uploads has no others, or says that
/// one is missing. None when it has to be asked. Whether the bytes are right says the re-read, as always.
QList<StoredPart> signedParts(const Upload &upload)
{
    QList<StoredPart> parts;
    if (upload.storeName.isEmpty())
        return parts;
    qint64 left = upload.size;
    for (const QString &checksum : upload.partChecksums) {
        const qint64 size = std::min(left, upload.partBytes);
        parts.append({static_cast<int>(parts.size()) + 1, size, checksum});
        left -= size;
    }
    return left == 0 ? parts : QList<StoredPart>();
}

} // namespace

bool isServerCondition(ErrorCode code)
{
    return holdsQueue(code) || code == ErrorCode::LocalDiskError || code == ErrorCode::InternalUnknown || code == ErrorCode::ApiServerError;
}

StageOutcome receive(const StageTools &tools, const Upload &upload)
{
    StageOutcome outcome;
    tools.store.know(upload.uploadId, upload.size, upload.partBytes, upload.storeName);
    Result<QList<StoredPart>> parts = signedParts(upload);
    Result<> assembled = parts->isEmpty() ? Result<>(Error{ErrorCode::ReceptionPartsMissing, {}}) : tools.store.assemble(upload.uploadId, *parts);
    if (!assembled && assembled.error().code == ErrorCode::ReceptionPartsMissing) {
        parts = tools.store.parts(upload.uploadId);
        assembled = parts ? tools.store.assemble(upload.uploadId, *parts) : Result<>(parts.error());
    }
    if (assembled) {
        if (!parts->isEmpty())
            outcome.metadata.insert(u"parts"_s, static_cast<qint64>(parts->size()));
        return outcome;
    }
    outcome.error = assembled.error();
    outcome.kind = isServerCondition(assembled.error().code) ? StageOutcome::Kind::Later : StageOutcome::Kind::Returned;
    return outcome;
}

StageOutcome rereadStored(const StageTools &tools, const Upload &upload, std::optional<ObjectStore::Reread> &reread)
{
    StageOutcome outcome;
    const Result<ObjectStore::Reread> read = tools.store.reread(upload.uploadId, tools.isStopping);
    if (!read) {
        outcome.error = read.error();
        outcome.kind = read.error().code == ErrorCode::UserCancelled || isServerCondition(read.error().code) ? StageOutcome::Kind::Later
                                                                                                              : StageOutcome::Kind::Returned;
        return outcome;
    }
    reread = *read;
    if (read->sha256 != upload.sha256 || read->size != upload.size) {
        outcome.kind = StageOutcome::Kind::Returned;
        // Without the hashes: this is logged, and a photo's hash goes when it is purged.
        outcome.error = Error{ErrorCode::VerificationHashMismatch, u"re-read %1 other bytes than the %2 announced"_s.arg(read->size).arg(upload.size)};
    }
    return outcome;
}

} // namespace photolift::server
