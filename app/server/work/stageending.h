#pragma once

#include "app/server/work/stagework.h"

namespace photolift::server {

/// How the end of a stage becomes rows: its errors and retries, its own row, the place of the job, the end of the attempt and what clients are
/// told. Each function runs inside the caller's transaction, and again in another when that one did not come to its end.

/// Reception and the re-read, which end together: a client waits for both, and each fsync less is a photo sooner.
struct ReceptionEnd {
    StageOutcome reception;
    StageOutcome verification; ///< the re-read; passed as long as reception has not
    std::optional<ObjectStore::Reread> reread;
    qint64 receptionMs = 0;
    qint64 rereadMs = 0;

    bool isLater() const { return isOne(StageOutcome::Kind::Later); }
    bool isReturned() const { return isOne(StageOutcome::Kind::Returned); }

private:
    bool isOne(StageOutcome::Kind kind) const { return reception.kind == kind || verification.kind == kind; }
};
Result<> recordReception(Writing &writing, Upload &upload, const ReceptionEnd &end);

/// What the transaction of such an end may rely on. Where a stage simply passed, it concerns its own upload, whose row and job it holds, and row by
/// row is enough: those of many photos at a time are in nobody's way. What decides about bytes (stored, refused, given back), and the rows of errors,
/// want all that was read to hold: others bring or remove the same bytes meanwhile.
Isolation isolationOf(const ReceptionEnd &end);
Isolation isolationOf(Stage stage, const StageOutcome &outcome);

/// When a stage was over: the child does the work of three at one go, and each gets its part of that time, one behind the other.
struct StageTime {
    qint64 durationMs = 0;
    qint64 aheadMs = 0; ///< work of the stages behind it that is done already: it ended so long ago
};

/// Any stage from validation on; the next one begins in the same step. Indexing that failed closes all the same and keeps its job.
Result<> recordStage(Writing &writing, Upload &upload, Stage stage, const StageOutcome &outcome, const StageTime &time);

/// Its last stage is over, and its job waits for the next try of indexing, which belongs to no attempt.
bool isIndexedLater(const Upload &upload);

/// No pause brings back bytes that are gone, and only who has the photo can send it again.
void endWhatCannotHeal(StageOutcome &outcome);

inline Stage after(Stage stage)
{
    return static_cast<Stage>(static_cast<int>(stage) + 1);
}

} // namespace photolift::server
