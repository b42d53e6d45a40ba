#include "models/pipeline/attemptrunner.h"

#include "models/pipeline/serverlink.h"
#include "models/pipeline/twinwatch.h"
#include "models/store/recorder.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

/// How an attempt stands to others with the same bytes, of which one travels: the fourth part of AttemptRunner.

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

void AttemptRunner::waitAsTwin()
{
    m_stage = Stage::Initiation;
    m_book.idle();
    park(Waiting::Twin);
}

/// While its drop was paused another took the lead: the bytes travel once. What it has sent itself is given up, else the server would let
/// it go on with that, whatever the other brings.
void AttemptRunner::leadWasLost()
{
    if (const std::optional<StageRecord> row = m_book.stage(m_stage); row && !row->endedMs)
        m_workshop.recorder.record(m_book.retried(m_stage) + m_book.leave(m_stage, false));
    m_stage = Stage::Initiation;
    if (m_upload.id().isNull()) {
        standBehindLeader();
        return;
    }
    whenDone(m_workshop.api.abort(id(), m_upload.id()), this, [this](const transfer::ApiAnswer<wire::AbortAnswer> &) {
        const CorrelationScope scope(id());
        m_upload.forget();
        m_upload.guessPartBytes(m_workshop.server.info());
        standBehindLeader();
    });
}

/// When the other has ended meanwhile, the server is asked at once.
void AttemptRunner::standBehindLeader()
{
    const QUuid leader = m_workshop.twins.leaderOf(item().batchId, item().sha256, m_prepared.hash.size, id(), item().itemId);
    if (leader.isNull() || m_isCancelled) {
        go(Stage::Initiation);
    } else {
        m_book.note("duplicate_of"_L1, idText(leader));
        waitAsTwin();
    }
}

void AttemptRunner::twinEnded()
{
    if (m_waiting != Waiting::Twin)
        return;
    // It may lead now itself, or wait behind the next of several.
    const QUuid leader = m_workshop.twins.leaderOf(item().batchId, item().sha256, m_prepared.hash.size, id(), item().itemId);
    if (leader.isNull())
        wake();
}

} // namespace photolift::pipeline
