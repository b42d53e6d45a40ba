#include "app/server/work/stageending.h"

#include "app/server/work/jobtable.h"
#include "app/server/work/ledger.h"
#include "app/server/work/objecttable.h"
#include "app/server/work/removaltable.h"
#include "app/server/work/statement.h"
#include "app/server/work/uploadstory.h"
#include "models/store/database.h"
#include "models/vocabulary/ids.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::server {

Result<> recordReception(Writing &writing, Upload &upload, const ReceptionEnd &end)
{
    Ledger ledger(writing, upload);
    if (const Result<> refreshed = ledger.refresh(); !refreshed)
        return refreshed;
    const JobTable jobs(writing.database);
    const qint64 now = nowMs();
    const Stage place = end.reception.error ? Stage::Reception : Stage::Verification;
    const std::optional<Error> error = end.reception.error ? end.reception.error : end.verification.error;
    if (error && !(end.isLater() && isRecordedLast(upload, place, error->code))) {
        if (const Result<> failed = ledger.fail(place, *error, false, now); !failed)
            return failed;
    }
    if (end.isLater()) {
        if (const Result<> counted = jobs.countTry(upload.uploadId); !counted)
            return counted;
        if (const Result<> counted = ledger.countRetry(Stage::Reception); !counted)
            return counted;
        return ledger.save();
    }
    const auto known = ObjectTable(writing.database).known(upload.accountId, upload.sha256, upload.size);
    if (!known)
        return known.error();
    if (*known && (*known)->state == ObjectTable::State::Lost) {
        // Why bytes came again that had been stored; of this attempt it is no failure.
        const Error lost{ErrorCode::StorageCopyDamaged, u"the stored copy was lost; these bytes take its place"_s};
        if (const Result<> noted = ledger.fail(Stage::Reception, lost, false, now); !noted)
            return noted;
    }
    if (const Result<> left = ledger.leave(Stage::Reception, !end.reception.error, now, end.receptionMs, end.reception.metadata); !left)
        return left;
    upload.attempt.totalDurationMs = upload.attempt.totalDurationMs.value_or(0) + end.rereadMs;
    if (end.reread) {
        upload.told.storedSha256 = end.reread->sha256;
        upload.told.storedSize = end.reread->size;
    }
    if (end.isReturned())
        ledger.giveBack();
    if (const Result<> moved = end.isReturned() ? jobs.remove(upload.uploadId) : jobs.moveTo(upload.uploadId, Stage::Validation); !moved)
        return moved;
    return ledger.save();
}

Result<> recordStage(Writing &writing, Upload &upload, Stage stage, const StageOutcome &outcome, const StageTime &time)
{
    using Kind = StageOutcome::Kind;
    Ledger ledger(writing, upload);
    if (const Result<> refreshed = ledger.refresh(); !refreshed)
        return refreshed;
    const JobTable jobs(writing.database);
    const qint64 now = nowMs() - time.aheadMs;
    const bool isLast = stage == Stage::Indexing;
    const bool hasWorked = outcome.kind == Kind::Passed;
    const bool isFatal = outcome.kind == Kind::Failed;
    for (int i = 0; i < outcome.retries; ++i) {
        if (const Result<> counted = ledger.countRetry(stage); !counted)
            return counted;
    }
    if (outcome.error && !(outcome.kind == Kind::Later && isRecordedLast(upload, stage, outcome.error->code))) {
        if (const Result<> failed = ledger.fail(stage, *outcome.error, isFatal, now); !failed)
            return failed;
    }
    if (outcome.kind == Kind::Later) {
        if (const Result<> counted = jobs.countTry(upload.uploadId); !counted)
            return counted;
        return ledger.save();
    }
    bool isIndexed = true;
    if (isLast && outcome.record) {
        // A photo that cannot be found yet is safe all the same: the stage closes at once and is tried again on its own.
        if (const Result<> indexed = alone(writing.database, [&] { return outcome.record(writing, upload); }); !indexed) {
            if (store::isConflict(indexed.error()))
                return indexed; // the whole comes again at once
            isIndexed = false;
            if (const Result<> failed = ledger.fail(stage, {ErrorCode::IndexingFailed, indexed.error().detail, indexed.error().cause}, false, now); !failed)
                return failed;
        }
    }
    if (const Result<> left = ledger.leave(stage, hasWorked && isIndexed, now, time.durationMs, outcome.metadata); !left)
        return left;
    if (outcome.kind == Kind::Returned) {
        ledger.giveBack();
    } else if (isFatal || isLast) {
        upload.state = UploadState::Ended;
        if (const Result<> ended = ledger.end(isFatal ? Status::Failed : Status::Succeeded, now); !ended)
            return ended;
    }
    if (!isLast && outcome.record) {
        if (const Result<> recorded = outcome.record(writing, upload); !recorded)
            return recorded;
    }
    if (stage == Stage::Validation && upload.state == UploadState::Committed)
        upload.told.isSafe = true;
    if (upload.state == UploadState::Committed) {
        if (const Result<> moved = jobs.moveTo(upload.uploadId, after(stage)); !moved)
            return moved;
        if (const Result<> begun = ledger.enter(after(stage), now); !begun)
            return begun;
    } else if (isIndexed) {
        if (const Result<> removed = jobs.remove(upload.uploadId); !removed)
            return removed;
    } else if (const Result<> counted = jobs.countTry(upload.uploadId); !counted) {
        return counted;
    }
    // Pictures may lie in the store under the name of these bytes, and no other row says so. Whoever removes them looks who needs them first.
    if ((outcome.kind == Kind::Returned || isFatal) && stage > Stage::Validation) {
        if (const Result<> added = RemovalTable(writing.database).add(upload.sha256, upload.size); !added)
            return added;
    }
    return ledger.save();
}

bool isIndexedLater(const Upload &upload)
{
    const auto last = std::ranges::find(upload.told.stages, Stage::Indexing, &StageRecord::stage);
    return upload.state == UploadState::Ended && last != upload.told.stages.end() && last->isSuccessful == false;
}

Isolation isolationOf(const ReceptionEnd &end)
{
    const bool hasPassed = end.reception.kind == StageOutcome::Kind::Passed && end.verification.kind == StageOutcome::Kind::Passed;
    return hasPassed && !end.reception.error && !end.verification.error ? Isolation::RowByRow : Isolation::Serializable;
}

Isolation isolationOf(Stage stage, const StageOutcome &outcome)
{
    const bool isOfItsUploadAlone = stage == Stage::Validation || stage == Stage::MetadataExtraction || stage == Stage::Processing;
    return isOfItsUploadAlone && outcome.kind == StageOutcome::Kind::Passed && !outcome.error ? Isolation::RowByRow : Isolation::Serializable;
}

void endWhatCannotHeal(StageOutcome &outcome)
{
    const bool isGone = outcome.error && (outcome.error->code == ErrorCode::TransferUploadGone || outcome.error->code == ErrorCode::StorageCopyDamaged);
    if (outcome.kind != StageOutcome::Kind::Later || !isGone)
        return;
    outcome.kind = StageOutcome::Kind::Returned;
    outcome.error = Error{ErrorCode::StorageCopyDamaged, u"the bytes are gone: "_s + outcome.error->detail, outcome.error->cause};
}

} // namespace photolift::server
