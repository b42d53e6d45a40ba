#include "app/server/api/question.h"

#include "app/server/api/ownership.h"
#include "app/server/objects/objectnames.h"
#include "app/server/people/quotatable.h"
#include "app/server/work/catalogue.h"
#include "app/server/work/ledger.h"
#include "app/server/work/projecttable.h"
#include "app/server/work/purgedids.h"
#include "app/server/work/quarantinetable.h"
#include "models/photo/kind.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// Longer than any file system allows, once every byte of a name has become a replacement character with two digits.
constexpr qsizetype MaxPathLength = 16 * 1024;

/// The upload this question would begin.
Upload wantedBy(const Caller &caller, const wire::Question &question, qint64 nowMs)
{
    Upload upload;
    upload.uploadId = QUuid::createUuid();
    upload.accountId = caller.accountId;
    upload.userId = caller.userId;
    upload.deviceId = question.attempt.surroundings.device.deviceId;
    upload.sha256 = question.sha256;
    upload.size = question.size;
    if (!question.mediaType.isEmpty())
        upload.mediaType = question.mediaType;
    upload.touchedMs = nowMs;
    upload.attempt = question.attempt;
    upload.clientRowVersion = question.attempt.rowVersion;
    // Who it is says the token, never the message.
    upload.attempt.surroundings.userId = caller.userId;
    upload.attempt.status = Status::Running;
    upload.attempt.endedMs.reset();
    upload.told.rowVersion = upload.attempt.rowVersion;
    return upload;
}

/// The question as one about the project its client means.
Result<wire::Question> ofItsProject(Writing &writing, const Caller &caller, wire::Question question)
{
    question.project.ownerUserId = caller.userId;
    const Result<QUuid> project = ProjectTable(writing.database).resolve(question.project);
    if (!project)
        return project.error();
    question.project.projectId = *project;
    question.batch.projectId = *project;
    question.attempt.projectId = *project;
    return question;
}

Result<> writeParents(Writing &writing, const wire::Question &question)
{
    if (const auto written = writing.star.write(question.project); !written)
        return written.error();
    return withoutValue(writing.star.write(question.batch));
}

Decision open(const Upload &upload)
{
    Decision decision;
    decision.isOpen = true;
    decision.size = upload.size;
    decision.offer.kind = wire::Offer::Kind::Upload;
    decision.offer.uploadId = upload.uploadId;
    decision.offer.partBytes = upload.partBytes;
    decision.storeName = upload.storeName;
    return decision;
}

/// The answer to an attempt whose end, or whose commit, is known already.
Decision answered(const Upload &upload)
{
    Decision decision;
    wire::Offer &offer = decision.offer;
    offer.rowVersion = upload.attempt.rowVersion;
    offer.partBytes = upload.partBytes;
    if (upload.state == UploadState::Duplicate) {
        offer.kind = wire::Offer::Kind::Duplicate;
    } else if (upload.state == UploadState::Refused) {
        offer.kind = wire::Offer::Kind::Refused;
        offer.refusedWith = upload.refusedWith;
    } else {
        offer.kind = wire::Offer::Kind::Resume;
        offer.uploadId = upload.uploadId;
        offer.isCommitted = true;
    }
    return decision;
}

/// The bytes are known: the attempt ends here, without one byte sent.
Result<Decision> endAtOnce(Writing &writing, Upload upload, const ObjectTable::Known &known, qint64 nowMs)
{
    const bool isDuplicate = known.state == ObjectTable::State::Stored;
    upload.state = isDuplicate ? UploadState::Duplicate : UploadState::Refused;
    upload.refusedWith = known.refusedWith;
    const UploadTable uploads(writing.database);
    if (const Result<> inserted = uploads.insert(upload); !inserted)
        return inserted.error();
    Ledger ledger(writing, upload);
    if (isDuplicate) {
        const ObjectTable objects(writing.database);
        if (const Result<> added = objects.addAsset(upload, nowMs); !added)
            return added.error();
        if (const Result<> indexed = objects.index(upload); !indexed)
            return indexed.error();
    } else if (known.state == ObjectTable::State::Quarantined) {
        // Somebody else's try, but this one's original, too.
        if (const Result<> added = QuarantineTable(writing.database).add(upload, nowMs); !added)
            return added.error();
    }
    // The error of a refusal is of the client's stage: its client writes it, once.
    if (const Result<> ended = ledger.end(isDuplicate ? Status::Duplicate : Status::Failed, nowMs); !ended)
        return ended.error();
    if (const Result<> saved = ledger.save(); !saved)
        return saved.error();
    return answered(upload);
}

/// An upload whose attempt starts its file again, or begins with other bytes: the stage rows keep their first start.
Result<> replace(Writing &writing, Upload &earlier, Upload &wanted)
{
    earlier.state = UploadState::Replaced;
    earlier.told.isKnown = false;
    wanted.told.stages = earlier.told.stages;
    wanted.told.errors = earlier.told.errors;
    if (earlier.clientRowVersion > wanted.clientRowVersion) {
        wanted.attempt = earlier.attempt;
        wanted.clientRowVersion = earlier.clientRowVersion;
    }
    return UploadTable(writing.database).save(earlier);
}

/// An upload of an attempt that was purged, or told and not found: nothing of what stayed takes the place of what comes now.
Result<> bringAgain(Writing &writing, Upload &earlier, Upload &wanted)
{
    const Upload asked = wanted;
    if (const Result<> gone = replace(writing, earlier, wanted); !gone)
        return gone;
    wanted.attempt = asked.attempt;
    wanted.attempt.rowVersion = std::max(asked.attempt.rowVersion, earlier.attempt.rowVersion + 1);
    wanted.photo = earlier.photo; // for its version
    return {};
}

Result<> takeOver(Writing &writing, Upload &found, const Upload &wanted)
{
    found.userId = wanted.userId;
    found.attempt = wanted.attempt;
    found.clientRowVersion = wanted.clientRowVersion;
    found.touchedMs = wanted.touchedMs;
    found.told.stages.clear();
    found.told.errors.clear();
    found.told.rowVersion = wanted.attempt.rowVersion;
    return UploadTable(writing.database).save(found);
}

} // namespace

Result<> checkQuestion(const wire::Question &question)
{
    if (question.size == 0)
        return Error{ErrorCode::SelectionFileEmpty, u"zero bytes"_s};
    if (question.size > wire::MaxFileBytes)
        return Error{ErrorCode::SelectionNotAccepted, u"%1 bytes"_s.arg(question.size)};
    if (question.size < 0 || !isSha256Hex(question.sha256))
        return Error{ErrorCode::ApiRequestRefused, u"sha256 or size"_s};
    if (question.attempt.relativePath.isEmpty() || question.attempt.relativePath.size() > MaxPathLength)
        return Error{ErrorCode::ApiRequestRefused, u"relative_path"_s};
    const AttemptRecord &attempt = question.attempt;
    if (attempt.clientUploadId.isNull() || attempt.itemId.isNull() || attempt.projectId != question.project.projectId
        || attempt.batchId != question.batch.batchId || question.batch.projectId != question.project.projectId)
        return Error{ErrorCode::ApiRequestRefused, u"attempt, batch and project do not belong together"_s};
    return {};
}

Result<Decision> decide(Writing &writing, const Caller &caller, const QString &clientVersion, const wire::Question &asked, std::optional<qint64> lostSeenMs,
                        const QString &location, const std::optional<Begun> &begun, qint64 nowMs)
{
    const Result<wire::Question> resolved = ofItsProject(writing, caller, asked);
    if (!resolved)
        return resolved.error();
    const wire::Question &question = *resolved;
    const UploadTable uploads(writing.database);
    const ObjectTable objects(writing.database);
    Upload wanted = wantedBy(caller, question, nowMs);
    QUuid replaced;

    if (const Result<> own = checkOwn(writing.database, caller, question.attempt); !own)
        return own.error();
    if (const Result<> parents = writeParents(writing, question); !parents)
        return parents.error();
    Result<std::optional<Upload>> current = uploads.currentOf(wanted.attempt.clientUploadId);
    if (!current)
        return current.error();
    if (*current) {
        Upload &earlier = **current;
        const bool hasSameBytes = earlier.sha256 == wanted.sha256 && earlier.size == wanted.size;
        const bool isPurged = earlier.sha256.isEmpty(); // its client never heard of its end, and brings it anew
        // Told by its client as ended well, and the store has no such bytes of this account: who asks has not ended, and brings them.
        const bool isOnlyTold = earlier.state == UploadState::Recalled && !earlier.told.isSafe;
        if (isServerOwned(earlier.state) && !isPurged && !isOnlyTold) {
            if (!hasSameBytes)
                return Error{ErrorCode::ApiRequestRefused, u"the attempt was committed with other bytes"_s};
            return answered(earlier);
        }
        if (earlier.state == UploadState::Open && hasSameBytes) {
            if (const Result<> touched = uploads.touch(earlier.uploadId, nowMs); !touched)
                return touched.error();
            return open(earlier);
        }
        if (const Result<> gone = isPurged || isOnlyTold ? bringAgain(writing, earlier, wanted) : replace(writing, earlier, wanted); !gone)
            return gone.error();
        replaced = earlier.uploadId;
    }
    if (const Result<> wantedAgain = PurgedIds(writing.database).remove(wanted.attempt.clientUploadId); !wantedAgain)
        return wantedAgain.error();
    const Catalogue catalogue(writing.database);
    if (const Result<> taken = catalogue.checkProject(wanted.attempt.projectId); !taken)
        return taken.error();
    if (const Result<> taken = catalogue.checkAppVersion(clientVersion.isEmpty() ? wanted.attempt.surroundings.app.version : clientVersion); !taken)
        return taken.error();
    if (const Result<> taken = catalogue.checkPhotoType(photo::typeNameOf(question.mediaType)); !taken)
        return taken.error();
    // Its commit, or its client's telemetry, says the same of the device, and does not have to hold all the rows that are read here.
    if (const auto written = writing.star.write(wanted.attempt, newUuid7(nowMs), store::StarWriter::SameVersion::IsRepeat,
                                                store::StarWriter::Descriptions::LeftToTheNext);
        !written)
        return written.error();

    if (lostSeenMs) {
        if (const Result<int> marked = objects.markLost(wanted.sha256, wanted.size, *lostSeenMs, nowMs); !marked)
            return marked.error();
    }
    const auto known = objects.known(wanted.accountId, wanted.sha256, wanted.size);
    if (!known)
        return known.error();
    if (*known && (*known)->state != ObjectTable::State::Lost) {
        Result<Decision> ended = endAtOnce(writing, wanted, **known, nowMs);
        if (ended)
            ended->replaced = replaced;
        return ended;
    }

    // Whoever lost the list has no attempt of before any more, whatever its links may still do.
    const qint64 idleMs = std::min(wire::LinkSeconds * 1000LL, question.lostListMs.value_or(wire::LinkSeconds * 1000LL));
    Result<std::optional<Upload>> resumable = uploads.resumable(wanted, nowMs - idleMs);
    if (!resumable)
        return resumable.error();
    Decision decision;
    if (*resumable) {
        if (const Result<> taken = takeOver(writing, **resumable, wanted); !taken)
            return taken.error();
        decision = open(**resumable);
    } else {
        if (const Result<> isOpen = catalogue.checkLocation(location); !isOpen)
            return isOpen.error();
        if (const Result<> fits = QuotaTable(writing.database).checkRoom(wanted.accountId, wanted.size); !fits)
            return fits.error();
        if (begun) {
            wanted.uploadId = begun->uploadId;
            wanted.storeName = begun->storeName;
            wanted.partChecksums = begun->partChecksums;
        }
        if (const Result<> inserted = uploads.insert(wanted); !inserted)
            return inserted.error();
        decision = open(wanted);
        decision.isNew = true;
    }
    decision.replaced = replaced;
    return decision;
}

} // namespace photolift::server
