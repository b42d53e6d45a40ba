#include "app/server/work/ledger.h"
#include "app/server/work/objecttable.h"
#include "app/server/work/quarantinetable.h"
#include "app/server/work/stagework.h"

#include "models/photo/filedescriptor.h"
#include "models/photo/hasher.h"
#include "models/photo/kind.h"
#include "models/vocabulary/systemerror.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr int RenditionSide = 2048;
constexpr int ThumbnailSide = 512;
constexpr int ChecksBeforeQuarantine = 2;

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
    const ObjectTable::Known known{isKept ? ObjectTable::State::Quarantined : ObjectTable::State::Refused, error.code, {}, tools.decoder, {}};
    outcome.record = [known, isKept](Writing &writing, Upload &changed) -> Result<> {
        const qint64 endedMs = changed.attempt.endedMs.value_or(changed.touchedMs);
        if (const Result<> decided = ObjectTable(writing.database).decide(changed, known, endedMs); !decided)
            return decided;
        return isKept ? QuarantineTable(writing.database).add(changed, endedMs) : Result<>();
    };
    // Not kept: what is left behind by a crash here is swept later.
    outcome.afterwards = [&store = tools.store, uploadId = upload.uploadId] { (void)store.discard(uploadId); };
    return outcome;
}

/// The client's row with what the server saw: the decoder's size wins, what the client knew and we did not stays. `isRead`: the
/// metadata could be read, so that what is not in it is not in the photo.
PhotoRecord completed(PhotoRecord photo, const photo::PhotoFacts &facts, bool isRead)
{
    if (facts.width)
        photo.width = facts.width;
    if (facts.height)
        photo.height = facts.height;
    if (facts.latitude && facts.longitude)
        photo.hasLocation = true;
    else if (!photo.hasLocation && isRead)
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
        return systemError(ErrorCode::LocalResourcesLow, "memfd_create"_L1, errno);
    qsizetype written = 0;
    while (written < picture.size()) {
        const ssize_t count = ::write(descriptor, picture.constData() + written, static_cast<std::size_t>(picture.size() - written));
        if (count <= 0) {
            const int osErrno = errno;
            ::close(descriptor);
            return systemError(ErrorCode::LocalResourcesLow, "memfd"_L1, osErrno);
        }
        written += count;
    }
    ::lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}

/// What the child says of one stage; nothing wrong and no time when it does not speak of it.
photo::HelperStep stepOf(const photo::HelperAnswer &answer, Stage stage)
{
    for (const photo::HelperStep &step : answer.steps) {
        if (step.stage == stage)
            return step;
    }
    return {stage, {}, 0};
}

struct Pictures {
    QByteArray rendition;
    QByteArray thumbnail;
    QJsonObject parameters; ///< processing_parameters
};

Result<> store(const StageTools &tools, const QString &sha256, qint64 size, const Pictures &pictures)
{
    for (const auto &[what, picture] : {std::pair("rendition"_L1, pictures.rendition), std::pair("thumbnail"_L1, pictures.thumbnail)}) {
        if (const Result<> stored = tools.store.putDerived(sha256, size, what, picture); !stored)
            return stored;
    }
    return {};
}

QJsonObject parametersOf(const QString &decoder, int thumbnailSide, const photo::HelperAnswer &rendition)
{
    QJsonObject parameters;
    if (!decoder.isEmpty())
        parameters.insert(u"decoder"_s, decoder);
    if (thumbnailSide > 0)
        parameters.insert(u"thumbnail_pixels"_s, thumbnailSide);
    if (rendition.renditionSide > 0)
        parameters.insert(u"rendition_pixels"_s, rendition.renditionSide);
    if (rendition.renditionQuality > 0)
        parameters.insert(u"rendition_quality"_s, rendition.renditionQuality);
    return parameters;
}

/// The thumbnail is made from the rendition: decoding the photo once more would cost as much again.
Result<Pictures> draw(const StageTools &tools, int descriptor, const QString &mediaType)
{
    const Result<photo::HelperAnswer> rendition = tools.helper.run(photo::Order::Rendition, descriptor, mediaType, RenditionSide, tools.isStopping);
    if (!rendition)
        return rendition.error();
    if (rendition->picture.isEmpty())
        return Error{ErrorCode::ProcessingDecodeFailed, u"the helper gave no picture"_s};
    const Result<int> small = descriptorOf(rendition->picture);
    if (!small)
        return small.error();
    const photo::FileDescriptor smallDescriptor(*small);
    const Result<photo::HelperAnswer> thumbnail =
        tools.helper.run(photo::Order::Thumbnail, smallDescriptor.get(), u"image/jpeg"_s, ThumbnailSide, tools.isStopping);
    if (!thumbnail)
        return thumbnail.error();
    return Pictures{rendition->picture, thumbnail->picture, parametersOf(tools.decoder, thumbnail->pictureSide, *rendition)};
}

} // namespace

StageOutcome validate(const StageTools &tools, const Upload &upload, std::optional<photo::HelperAnswer> &examined)
{
    const Result<int> opened = openBytes(tools, upload);
    if (!opened)
        return later(opened.error());
    const photo::FileDescriptor descriptor(*opened);

    // Of the parts nothing is asked any more: a part as long as the file is hashed once.
    const Result<photo::FileHash> hash = photo::hashFile(descriptor.get(), std::max<qint64>(upload.size, 1), tools.isStopping);
    if (!hash)
        return later({ErrorCode::StorageNotReady, hash.error().detail, hash.error().cause});
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
        Result<photo::HelperAnswer> answer = tools.helper.run(photo::Order::Everything, descriptor.get(), kind.mediaType, 0, tools.isStopping);
        const photo::HelperStep checked = answer ? stepOf(*answer, Stage::Validation) : photo::HelperStep{Stage::Validation, answer.error(), 0};
        if (checked.error && isServerCondition(checked.error->code))
            return later(*checked.error);
        StageOutcome outcome;
        if (checked.error && checked.error->code == ErrorCode::ValidationCheckCrashed) {
            if (tries < ChecksBeforeQuarantine)
                continue;
            // Kept as evidence and because it is somebody's original, but never opened again.
            if (const Result<> kept = tools.store.promote(upload.uploadId, upload.sha256, upload.size); !kept)
                return later(kept.error());
            outcome = refused(tools, upload, *checked.error, true);
        } else if (checked.error && checked.error->code == ErrorCode::ValidationFormatUnknown) {
            outcome = without(*checked.error);
        } else if (checked.error) {
            outcome = refused(tools, upload, *checked.error, false);
        }
        outcome.retries = tries - 1;
        if (answer) {
            outcome.elsewhereMs = -stepOf(*answer, Stage::MetadataExtraction).durationMs - stepOf(*answer, Stage::Processing).durationMs;
            examined = *std::move(answer);
        }
        return outcome;
    }
}

StageOutcome extractMetadata(const StageTools &tools, const Upload &upload, const std::optional<photo::HelperAnswer> &examined)
{
    photo::PhotoFacts facts;
    std::optional<Error> unread;
    qint64 elsewhereMs = 0;
    if (examined) {
        const photo::HelperStep step = stepOf(*examined, Stage::MetadataExtraction);
        facts = examined->facts;
        unread = step.error;
        elsewhereMs = step.durationMs;
    } else {
        const Result<int> opened = openBytes(tools, upload);
        if (!opened)
            return later(opened.error());
        const photo::FileDescriptor descriptor(*opened);
        Result<photo::HelperAnswer> answer =
            tools.helper.run(photo::Order::Facts, descriptor.get(), sniff(descriptor.get()).mediaType, 0, tools.isStopping);
        if (!answer && isServerCondition(answer.error().code))
            return later(answer.error());
        if (answer)
            facts = answer->facts;
        else
            unread = answer.error();
    }
    StageOutcome outcome = unread ? without({ErrorCode::MetadataUnreadable, unread->detail}) : StageOutcome();
    outcome.elsewhereMs = elsewhereMs;
    if (upload.photo) {
        outcome.record = [photo = completed(*upload.photo, facts, !unread && facts.note.isEmpty())](Writing &writing, Upload &changed) {
            return Ledger(writing, changed).complete(photo);
        };
    }
    return outcome;
}

StageOutcome process(const StageTools &tools, const Upload &upload, const std::optional<photo::HelperAnswer> &examined)
{
    StageOutcome outcome;
    Pictures pictures;
    if (examined) {
        const photo::HelperStep step = stepOf(*examined, Stage::Processing);
        outcome.elsewhereMs = step.durationMs;
        if (step.error) {
            const qint64 elsewhereMs = outcome.elsewhereMs;
            outcome = without({ErrorCode::ProcessingDecodeFailed, step.error->detail});
            outcome.elsewhereMs = elsewhereMs;
            return outcome;
        }
        pictures = {examined->rendition, examined->picture, parametersOf(tools.decoder, examined->pictureSide, *examined)};
    } else {
        const Result<int> opened = openBytes(tools, upload);
        if (!opened)
            return later(opened.error());
        const photo::FileDescriptor descriptor(*opened);
        const photo::Kind kind = sniff(descriptor.get());
        if (kind.isSidecar)
            return outcome; // has no picture
        Result<Pictures> drawn = draw(tools, descriptor.get(), kind.mediaType);
        if (!drawn)
            return isServerCondition(drawn.error().code) ? later(drawn.error())
                                                         : without({ErrorCode::ProcessingDecodeFailed, drawn.error().detail, drawn.error().cause});
        pictures = *std::move(drawn);
    }
    if (pictures.rendition.isEmpty() && pictures.thumbnail.isEmpty())
        return outcome; // a sidecar
    if (const Result<> stored = store(tools, upload.sha256, upload.size, pictures); !stored)
        return later(stored.error());
    outcome.record = [parameters = pictures.parameters](Writing &writing, Upload &changed) -> Result<> {
        if (!changed.photo || parameters.isEmpty())
            return {};
        PhotoRecord photo = *changed.photo;
        for (auto it = parameters.begin(); it != parameters.end(); ++it)
            photo.processing.insert(it.key(), it.value());
        return Ledger(writing, changed).complete(photo);
    };
    outcome.metadata.insert(u"rendition_bytes"_s, pictures.rendition.size());
    outcome.metadata.insert(u"thumbnail_bytes"_s, pictures.thumbnail.size());
    return outcome;
}

Result<> checkStored(const StageTools &tools, const QString &sha256, qint64 size)
{
    const Result<int> opened = tools.store.openObject(sha256, size);
    if (!opened)
        return opened.error();
    const photo::FileDescriptor descriptor(*opened);
    const Result<photo::FileHash> hash = photo::hashFile(descriptor.get(), std::max<qint64>(size, 1), tools.isStopping);
    if (!hash)
        return Error{ErrorCode::StorageNotReady, hash.error().detail, hash.error().cause};
    if (QString::fromLatin1(hash->sha256.toHex()) != sha256 || hash->size != size)
        return Error{ErrorCode::StorageCopyDamaged, u"the stored bytes are not those of the photo"_s};
    const photo::Kind kind = sniff(descriptor.get());
    if (!kind.isAccepted)
        return Error{ErrorCode::ValidationInvalidImage, u"content of no accepted kind"_s};
    return withoutValue(tools.helper.run(photo::Order::Validate, descriptor.get(), kind.mediaType, 0, tools.isStopping));
}

Result<> drawStored(const StageTools &tools, const QString &sha256, qint64 size)
{
    const Result<int> opened = tools.store.openObject(sha256, size);
    if (!opened)
        return opened.error();
    const photo::FileDescriptor descriptor(*opened);
    const Result<photo::HelperAnswer> answer =
        tools.helper.run(photo::Order::Everything, descriptor.get(), sniff(descriptor.get()).mediaType, 0, tools.isStopping);
    if (!answer)
        return answer.error();
    for (const photo::HelperStep &step : answer->steps) {
        if (step.error && step.stage != Stage::MetadataExtraction)
            return *step.error;
    }
    if (answer->rendition.isEmpty() || answer->picture.isEmpty())
        return Error{ErrorCode::ProcessingDecodeFailed, u"the helper gave no picture"_s};
    return store(tools, sha256, size, {answer->rendition, answer->picture, {}});
}

} // namespace photolift::server
