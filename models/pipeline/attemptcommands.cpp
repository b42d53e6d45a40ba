#include "models/pipeline/attemptrunner.h"

#include "models/store/recorder.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/whendone.h"

/// What a person, the queue and its own timer do to an attempt that is under way: the third part of AttemptRunner.

namespace photolift::pipeline {

void AttemptRunner::setPaused(bool isPaused)
{
    m_isPaused = isPaused;
    if (m_waiting == Waiting::Turn)
        m_book.turnPaused(isPaused);
    if (isPaused && m_transfer)
        m_transfer->stopSoon();
    else if (!isPaused && m_waiting == Waiting::Pause)
        wake();
}

bool AttemptRunner::cancel()
{
    if (m_hasEnded)
        return false;
    const CorrelationScope scope(id());
    if (m_isCommitSent) {
        m_workshop.recorder.record(m_book.cancelAsked());
        return false;
    }
    m_isCancelled = true;
    if (m_transfer)
        m_transfer->cancel(); // its end leads on
    else if (m_waiting != Waiting::Nothing || !m_hasSlot || !m_unwritten.isEmpty())
        endCancelled(); // of its first look nothing but the answer is outstanding, and nobody needs that
    return true;              // else the step under way ends first
}

store::Changes AttemptRunner::cancelToCome()
{
    return m_hasEnded ? store::Changes() : m_book.cancelMeant(true);
}

store::Changes AttemptRunner::takeBackCancel()
{
    if (m_hasEnded || !std::exchange(m_isCancelled, false))
        return {}; // it ends cancelled, and its photo gets another attempt
    return m_book.cancelMeant(false);
}

void AttemptRunner::endCancelled()
{
    if (m_hasEnded)
        return;
    if (!m_upload.id().isNull())
        m_workshop.api.abort(id(), m_upload.id());
    m_timer.stop();
    store::Changes changes = std::exchange(m_unwritten, {});
    changes += m_book.fault(m_stage, faultOf(Error{ErrorCode::UserCancelled, {}}), 1, true) + m_book.leave(m_stage, false);
    finishWith(changes + m_book.end(Status::Cancelled, ItemState::Cancelled, ErrorCode::UserCancelled, m_stage, {}));
}

void AttemptRunner::settle()
{
    if (m_hasEnded || !m_unwritten.isEmpty())
        return;
    if (m_waiting != Waiting::Turn)
        m_workshop.recorder.record(m_book.settled());
    else if (m_isPaused && !m_isCommitSent)
        m_workshop.recorder.record(m_book.paused()); // else its row is still that of the run before
}

void AttemptRunner::tryNow()
{
    if (m_waiting == Waiting::Timer || m_waiting == Waiting::SecondLook)
        wake();
}

void AttemptRunner::holdLifted()
{
    if (m_waiting == Waiting::Hold)
        wake();
}

void AttemptRunner::park(Waiting reason)
{
    m_waiting = reason;
    if (std::exchange(m_hasSlot, false))
        Q_EMIT slotReleased();
}

void AttemptRunner::wake()
{
    if (m_hasEnded)
        return;
    m_timer.stop();
    if (m_hasSlot) {
        const CorrelationScope scope(id());
        m_waiting = Waiting::Nothing;
        go(m_stage);
    } else {
        Q_EMIT slotWanted();
    }
}

void AttemptRunner::finishWith(store::Changes changes)
{
    m_hasEnded = true;
    faultPoint("pipeline.end");
    whenDone(m_workshop.recorder.recordDurably(std::move(changes)), this, [this](const Result<> &) { Q_EMIT ended(); });
}

} // namespace photolift::pipeline
