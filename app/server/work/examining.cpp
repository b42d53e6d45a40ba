#include "app/server/work/ledger.h"
#include "app/server/work/objecttable.h"
#include "app/server/work/stagework.h"

#include "models/photo/hasher.h"
#include "models/photo/kind.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr int RenditionSide = 2048;
constexpr int ThumbnailSide = 512;
constexpr int ChecksBeforeQuarantine = 2;

/// Closes what the store handed out.
class Descriptor
{
public:
    explicit Descriptor(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    ~Descriptor()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return m_descriptor; }

private:
    int m_descriptor;
};

StageOutcome later(const Error &error)
{
    StageOutcome outcome;
    outcome.kind = StageOutcome::Kind::Later;
    outcome.error = error;
    return outcome;
}

StageOutcome without(const Error &error)
{
    StageOutcome outcome;
    outcome.kind = StageOutcome::Kind::PassedWithout;
    outcome.error = error;
    return outcome;
}

/// The assembled object; after a crash between the move to quarantine and its record, the one in its final place.
Result<int> openBytes(const StageTools &tools, const Upload &upload)
{
    Result<int> opened = tools.store.openAssembled(upload.uploadId);
    if (opened)
        return opened;
    const Result<int> stored = tools.store.openObject(upload.sha256, upload.size);
    return stored ? stored : opened;
}

/// By content: what the client says of its file is not believed.
photo::Kind sniff(int descriptor)
{
    QByteArray firstBytes(photo::KindBytes, Qt::Uninitialized);
    const ssize_t count = ::pread(descriptor, firstBytes.data(), static_cast<std::size_t>(firstBytes.size()), 0);
    firstBytes.truncate(std::max<ssize_t>(count, 0));
    return photo::kindOf(firstBytes);
}

/// Validation said no: the attempt ends, and the next question for these bytes is answered with the same code.
StageOutcome refused(const StageTools &tools, const Upload &upload, const Error &error, bool isKept)
{
    StageOutcome outcome;
    outcome.kind = StageOutcome::Kind::Failed;
    outcome.error = error;
    const ObjectTable::Known known{isKept ? ObjectTable::State::Quarantined : ObjectTable::State::Refused, error.code, {}};
    outcome.record = [known](Writing &writing, Upload &changed) {
        return ObjectTable(writing.database).decide(changed, known, changed.attempt.endedMs.value_or(changed.touchedMs));
    };
    // Not kept: what is left behind by a crash here is swept later.
    outcome.afterwards = [&store = tools.store, uploadId = upload.uploadId] { (void)store.discard(uploadId); };
    return outcome;
}

/// The client's row with what the server saw: the decoder's size wins, what the client knew and we did not stays.
PhotoRecord completed(PhotoRecord photo, const photo::PhotoFacts &facts)
{
    if (facts.width)
        photo.width = facts.width;
    if (facts.height)
        photo.height = facts.height;
    if (facts.latitude && facts.longitude)
        photo.hasLocation = true;
    else if (!photo.hasLocation)
        photo.hasLocation = false;
    if (const std::optional<qint64> taken = photo::takenMs(facts))
        photo.createdMs = taken;
    const QJsonObject seen = photo::toJson(facts);
    for (auto it = seen.begin(); it != seen.end(); ++it) {
        if (!it.value().isNull() && it.value() != QJsonValue(QString()))
            photo.extracted.insert(it.key(), it.value());
    }
    return photo;
}

/// A small picture as a file without a name, so that the helper can open it like any photo.
Result<int> descriptorOf(const QByteArray &picture)
{
    const int descriptor = ::memfd_create("rendition", MFD_CLOEXEC);
    if (descriptor < 0)
        return Error{ErrorCode::LocalResourcesLow, u"memfd_create: errno %1"_s.arg(errno)};
    qsizetype written = 0;
    while (written < picture.size()) {
        const ssize_t count = ::write(descriptor, picture.constData() + written, static_cast<std::size_t>(picture.size() - written));
        if (count <= 0) {
            ::close(descriptor);
            return Error{ErrorCode::LocalResourcesLow, u"memfd: errno %1"_s.arg(errno)};
        }
        written += count;
    }
    ::lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}

} // namespace

StageOutcome validate(const StageTools &tools, const Upload &upload, std::optional<photo::PhotoFacts> &seen)
{
    const Result<int> opened = openBytes(tools, upload);
    if (!opened)
        return later(opened.error());
    const Descriptor descriptor(*opened);

    const Result<photo::FileHash> hash = photo::hashFile(descriptor.get(), upload.partBytes, tools.isStopping);
    if (!hash)
        return later({ErrorCode::StorageNotReady, hash.error().detail});
    if (QString::fromLatin1(hash->sha256.toHex()) != upload.sha256 || hash->size != upload.size) {
        StageOutcome outcome;
        outcome.kind = StageOutcome::Kind::Returned;
        outcome.error = Error{ErrorCode::StorageCopyDamaged, u"the bytes handed to the check are not those that were re-read"_s};
        return outcome;
    }

    const photo::Kind kind = sniff(descriptor.get());
    if (!kind.isAccepted)
        return refused(tools, upload, {ErrorCode::ValidationInvalidImage, u"content of no accepted kind"_s}, false);

    for (int tries = 1;; ++tries) {
        Result<photo::HelperAnswer> answer = tools.helper.run(photo::Order::Validate, descriptor.get(), kind.mediaType, 0, tools.isStopping);
        if (answer) {
            seen = std::move(answer->facts);
            StageOutcome outcome;
            outcome.retries = tries - 1;
            return outcome;
        }
        const Error error = answer.error();
        if (error.code == ErrorCode::ValidationFormatUnknown) {
            StageOutcome outcome = without(error);
            outcome.retries = tries - 1;
            return outcome;
        }
        if (error.code == ErrorCode::ValidationCheckCrashed) {
            if (tries < ChecksBeforeQuarantine)
                continue;
            // Kept as evidence and because it is somebody's original, but never opened again.
            if (const Result<> kept = tools.store.promote(upload.uploadId, upload.sha256, upload.size); !kept)
                return later(kept.error());
            StageOutcome outcome = refused(tools, upload, error, true);
            outcome.retries = tries - 1;
            return outcome;
        }
        if (isServerCondition(error.code))
            return later(error);
        return refused(tools, upload, error, false);
    }
}

StageOutcome extractMetadata(const StageTools &tools, const Upload &upload, const std::optional<photo::PhotoFacts> &seen)
{
    std::optional<photo::PhotoFacts> facts = seen;
    if (!facts) {
        const Result<int> opened = openBytes(tools, upload);
        if (!opened)
            return later(opened.error());
        const Descriptor descriptor(*opened);
        Result<photo::HelperAnswer> answer = tools.helper.run(photo::Order::Facts, descriptor.get(), sniff(descriptor.get()).mediaType, 0, tools.isStopping);
        if (!answer && isServerCondition(answer.error().code))
            return later(answer.error());
        if (!answer)
            return without({ErrorCode::MetadataUnreadable, answer.error().detail});
        facts = std::move(answer->facts);
    }
    StageOutcome outcome;
    if (facts->note.contains("METADATA_UNREADABLE"_L1))
        outcome = without({ErrorCode::MetadataUnreadable, facts->note});
    if (upload.photo) {
        outcome.record = [photo = completed(*upload.photo, *facts)](Writing &writing, Upload &changed) {
            return Ledger(writing, changed).complete(photo);
        };
    }
    return outcome;
}

StageOutcome process(const StageTools &tools, const Upload &upload)
{
    StageOutcome outcome;
    const Result<int> opened = openBytes(tools, upload);
    if (!opened)
        return later(opened.error());
    const Descriptor descriptor(*opened);
    const photo::Kind kind = sniff(descriptor.get());
    if (kind.isSidecar)
        return outcome; // has no picture

    const Result<photo::HelperAnswer> rendition =
        tools.helper.run(photo::Order::Rendition, descriptor.get(), kind.mediaType, RenditionSide, tools.isStopping);
    if (!rendition)
        return isServerCondition(rendition.error().code) ? later(rendition.error())
                                                         : without({ErrorCode::ProcessingDecodeFailed, rendition.error().detail});
    if (rendition->picture.isEmpty())
        return without({ErrorCode::ProcessingDecodeFailed, u"the helper gave no picture"_s});

    // The thumbnail is made from the rendition: decoding the photo once more would cost as much again.
    const Result<int> small = descriptorOf(rendition->picture);
    if (!small)
        return later(small.error());
    const Descriptor smallDescriptor(*small);
    const Result<photo::HelperAnswer> thumbnail =
        tools.helper.run(photo::Order::Thumbnail, smallDescriptor.get(), u"image/jpeg"_s, ThumbnailSide, tools.isStopping);
    if (!thumbnail)
        return isServerCondition(thumbnail.error().code) ? later(thumbnail.error())
                                                         : without({ErrorCode::ProcessingDecodeFailed, thumbnail.error().detail});

    for (const auto &[what, picture] : {std::pair("rendition"_L1, rendition->picture), std::pair("thumbnail"_L1, thumbnail->picture)}) {
        if (const Result<> stored = tools.store.putDerived(upload.sha256, upload.size, what, picture); !stored)
            return later(stored.error());
    }
    outcome.metadata.insert(u"rendition_bytes"_s, rendition->picture.size());
    outcome.metadata.insert(u"thumbnail_bytes"_s, thumbnail->picture.size());
    return outcome;
}

} // namespace photolift::server
