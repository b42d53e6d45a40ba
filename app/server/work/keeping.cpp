#include "app/server/work/catalogue.h"
#include "app/server/work/ledger.h"
#include "app/server/work/objecttable.h"
#include "app/server/work/stagework.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// The check has read every byte, but that may have been in an earlier life: what was cut or removed since is no copy.
Result<> checkStillWhole(const StageTools &tools, const Upload &upload)
{
    const Result<qint64> size = tools.store.assembledSize(upload.uploadId);
    if (!size) {
        const Result<bool> isStored = tools.store.hasObject(upload.sha256, upload.size); // promoted, and not recorded
        return isStored && *isStored ? Result<>() : Result<>(size.error());
    }
    if (*size == upload.size)
        return {};
    return Error{ErrorCode::StorageCopyDamaged, u"%1 bytes of %2 are left"_s.arg(*size).arg(upload.size)};
}

/// Why the photo has no preview, when it is one that another decoder may have.
std::optional<ErrorCode> previewErrorOf(const Upload &upload)
{
    for (const ErrorRecord &error : upload.told.errors) {
        if (error.code == ErrorCode::ProcessingDecodeFailed || error.code == ErrorCode::ValidationFormatUnknown)
            return error.code;
    }
    return std::nullopt;
}

} // namespace

StageOutcome keep(const StageTools &tools, const Upload &upload)
{
    StageOutcome outcome;
    Result<> promoted = checkStillWhole(tools, upload);
    if (promoted)
        promoted = tools.store.promote(upload.uploadId, upload.sha256, upload.size);
    if (!promoted) {
        outcome.kind = promoted.error().code == ErrorCode::StorageCopyDamaged ? StageOutcome::Kind::Returned : StageOutcome::Kind::Later;
        outcome.error = promoted.error();
        return outcome;
    }
    const QString location = locationOf(tools.store);
    outcome.record = [location, decoder = tools.decoder](Writing &writing, Upload &changed) -> Result<> {
        const ObjectTable objects(writing.database);
        const qint64 now = changed.told.stages.last().endedMs.value_or(changed.touchedMs);
        const ObjectTable::Known stored{ObjectTable::State::Stored, {}, location, decoder, previewErrorOf(changed)};
        if (const Result<> decided = objects.decide(changed, stored, now); !decided)
            return decided;
        if (const Result<> found = objects.markFound(changed.sha256, changed.size); !found)
            return found;
        if (const Result<> added = objects.addAsset(changed, now); !added)
            return added;
        if (!changed.photo)
            return {};
        PhotoRecord photo = *changed.photo;
        photo.storageLocation = location;
        return Ledger(writing, changed).complete(photo);
    };
    return outcome;
}

StageOutcome makeFindable(const StageTools &tools, const Upload &upload)
{
    StageOutcome outcome;
    // The object's new place was recorded durably: what the upload left in incoming/ can go. Here and not right after that commit, so that
    // a kill in between does it again; if it does not work, the sweep will.
    (void)tools.store.discard(upload.uploadId);
    outcome.record = [](Writing &writing, Upload &changed) { return ObjectTable(writing.database).index(changed); };
    return outcome;
}

} // namespace photolift::server
