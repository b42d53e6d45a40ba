#include "models/pipeline/attemptrunner.h"

#include "models/pipeline/queueholds.h"
#include "models/pipeline/retryquota.h"
#include "models/pipeline/serverlink.h"
#include "models/pipeline/twinwatch.h"
#include "models/store/recorder.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>
#include <QRandomGenerator>

/// What follows a fault: the second half of AttemptRunner.

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {
Q_LOGGING_CATEGORY(lcAttempt, "photolift.pipeline")

constexpr qint64 KeepSlotMs = 1000; ///< shorter waits keep their slot

bool isApiStage(Stage stage)
{
    return stage == Stage::Initiation || stage == Stage::Verification;
}

bool saysUnreachable(ErrorCode code)
{
    return code == ErrorCode::NetworkConnectFailed || code == ErrorCode::NetworkHostNotFound || code == ErrorCode::NetworkOffline;
}
}

QString AttemptRunner::hostOf(Stage stage) const
{
    if (isApiStage(stage))
        return m_workshop.api.server().authority();
    return stage == Stage::Transfer ? m_storeHost : QString();
}

void AttemptRunner::noteRequest(Stage stage)
{
    if (const QString host = hostOf(stage); !host.isEmpty())
        m_workshop.quota.noteRequests(host);
}

void AttemptRunner::noteProgress()
{
    m_faults.noteProgress();
    m_workshop.holds.noteSuccess();
}

void AttemptRunner::failed(Stage stage, const Fault &found, bool isGivenBack)
{
    m_stage = stage;
    const bool namedParts = stage == Stage::Initiation || stage == Stage::Transfer;
    if (found.code() == ErrorCode::ApiRequestRefused && namedParts && !std::exchange(m_hasAskedWhatItWants, true)) {
        askWhatItWants(found);
        return;
    }
    Fault fault = found;
    if (!m_unwritten.isEmpty())
        m_workshop.recorder.record(std::exchange(m_unwritten, {}));
    RetryMemory memory = m_faults.remember(found.code());
    const ErrorCode code = codeAfter(found.code(), memory.tries, memory.hadNewLink);
    if (code != found.code()) {
        fault.error.code = code;
        memory = m_faults.remember(code);
    }
    const Decision decision
        = decide(code, memory, fault.retryAfterMs, m_workshop.tuning, QRandomGenerator::global()->generateDouble());
    qCInfo(lcAttempt).noquote() << "stage" << stageName(stage) << "try" << memory.tries << errorName(code) << "http" << fault.error.cause.httpStatus
                                << fault.error.detail;
    if (isApiStage(stage) && saysUnreachable(code))
        m_workshop.server.noteUnreachable(code);
    switch (decision.next) {
    case NextStep::Retry:
        retryAfter(stage, fault, decision.delayMs);
        break;
    case NextStep::NewLink:
        m_faults.noteNewLink();
        retryAfter(stage, fault, 0);
        break;
    case NextStep::WaitForSource:
        retryAfter(stage, fault, decision.delayMs);
        break;
    case NextStep::HoldQueue:
        m_workshop.recorder.record(m_book.fault(stage, fault, memory.tries, false) + m_book.retried(stage)
                                   + m_book.waiting(code, stage, {}));
        park(Waiting::Hold);
        m_workshop.holds.hold(code, fault.retryAfterMs);
        break;
    case NextStep::RestartFile:
        m_workshop.recorder.record(m_book.fault(stage, fault, memory.tries, false));
        restartFile(stage);
        break;
    case NextStep::HashAgain:
        m_workshop.recorder.record(m_book.fault(stage, fault, memory.tries, false) + m_book.retried(stage) + m_book.leave(stage, false));
        m_hashBefore = m_prepared.hash.sha256;
        go(Stage::Preprocessing);
        break;
    case NextStep::GoOn:
    case NextStep::GoToCommit:
        m_workshop.recorder.record(m_book.fault(stage, fault, memory.tries, false) + m_book.leave(stage, true));
        go(Stage(int(stage) + 1));
        break;
    case NextStep::Skip:
        skip(fault.error, stage);
        break;
    case NextStep::EndAttempt:
        // Nobody knows whether a commit without an answer was accepted: it is asked again until somebody says so.
        if (m_isCommitSent && !isGivenBack && fault.error.cause.httpStatus == 0)
            retryAfter(stage, fault, m_workshop.tuning.longCapMs);
        else
            endFailed(stage, fault, decision);
        break;
    }
}

/// A server that refuses our parts may be another than the one that said of what kind their checksums are to be.
void AttemptRunner::askWhatItWants(const Fault &refusal)
{
    park(Waiting::ServersWord);
    connect(&m_workshop.server, &ServerLink::answered, this,
            [this, refusal] {
                if (m_waiting != Waiting::ServersWord)
                    return;
                const CorrelationScope scope(id());
                if (m_prepared.hash.partKind != partKindWanted())
                    wake();
                else
                    failed(m_stage, refusal);
            },
            Qt::SingleShotConnection);
    m_workshop.server.lookNow();
}

void AttemptRunner::retryAfter(Stage stage, const Fault &fault, qint64 delayMs)
{
    if (const QString host = hostOf(stage); !host.isEmpty())
        delayMs = m_workshop.quota.reserve(host, delayMs);
    store::Changes changes;
    // A file that still grows is looked at often: one row says so.
    const int tries = m_faults.tries(fault.code());
    if (fault.code() != ErrorCode::SelectionStillWriting || tries == 1)
        changes += m_book.fault(stage, fault, tries, false) + m_book.retried(stage);
    if (delayMs >= KeepSlotMs)
        changes += m_book.waiting(fault.code(), stage, nowMs() + delayMs);
    m_workshop.recorder.record(changes);
    if (delayMs >= KeepSlotMs)
        park(Waiting::Timer);
    else
        m_waiting = Waiting::Timer;
    m_timer.start(std::chrono::milliseconds(delayMs));
    startPatience(stage, fault);
}

void AttemptRunner::startPatience(Stage stage, const Fault &fault)
{
    // Nobody knows whether a commit without an answer was accepted: it is asked again until somebody says so.
    const bool isForEver = m_isCommitSent && fault.error.cause.httpStatus == 0;
    const std::optional<qint64> patience
        = isForEver ? std::nullopt : patienceMs(fault.code(), stage, m_faults.sinceMs(fault.code()), m_workshop.tuning);
    m_waitsAfter = fault;
    if (patience)
        m_patience.start(std::chrono::milliseconds(*patience));
    else
        m_patience.stop();
}

/// The time of its policy is over, and it has no slot in which a try could say so: while the server is away none is given.
void AttemptRunner::patienceEnded()
{
    const bool waitsForTurn = m_waiting == Waiting::Turn;
    if (m_hasEnded || m_hasSlot || (m_waiting != Waiting::Timer && !waitsForTurn))
        return;
    const CorrelationScope scope(id());
    const std::optional<ErrorCode> trouble = m_workshop.server.trouble();
    const bool isServerAway = !m_workshop.server.isReachable() && trouble && !holdsQueue(*trouble);
    if (!isServerAway || m_isPaused || m_workshop.holds.isHeld()) {
        // Its next try is near, or what keeps it from trying is a condition that ends no attempt.
        m_patience.start(m_workshop.tuning.longCapMs);
        return;
    }
    if (const qint64 left = m_workshop.tuning.longForMs - m_workshop.server.awayMs(); waitsForTurn && left > 0) {
        m_patience.start(std::chrono::milliseconds(left)); // it has waited for others before
        return;
    }
    m_timer.stop();
    const Fault fault = waitsForTurn ? faultOfServer(*trouble) : *m_waitsAfter;
    endFailed(m_stage, fault, whenUsedUp(fault.code()));
}

/// What an attempt of an earlier run, which had no try of its own yet, would have met at each.
Fault AttemptRunner::faultOfServer(ErrorCode trouble)
{
    m_faults.remember(trouble);
    return faultOf(Error{trouble, u"since the program was started again"_s});
}

void AttemptRunner::sendAgain(const GivenBack &why)
{
    m_stage = Stage::Verification;
    if (m_book.attempt().metadata.contains("cancel_asked_ms"_L1)) {
        endCancelled(); // it came too late then; now it does not
        return;
    }
    const RetryMemory memory{.fileRestarts = m_faults.fileRestarts()};
    if (why.isRecorded && decide(why.code, memory, {}, m_workshop.tuning, 0).next == NextStep::RestartFile)
        restartFile(Stage::Verification);
    else
        failed(Stage::Verification, faultOf(Error{why.code, u"the server gave the upload back"_s}), true);
}

void AttemptRunner::restartFile(Stage stage)
{
    m_faults.noteFileRestart();
    if (!m_upload.id().isNull()) // best effort: the server sweeps what is left
        m_workshop.api.abort(id(), m_upload.id());
    m_workshop.twins.forget(id());
    store::Changes changes = m_book.leave(stage, false);
    if (m_isCommitSent)
        changes += m_book.leftForServer(false);
    m_workshop.recorder.record(changes + m_book.restartedFile());
    m_isCommitSent = false;
    m_upload.forget();
    m_seen.reset();
    m_looks = 0;
    m_file = {};
    go(Stage::Selection);
}

void AttemptRunner::endFailed(Stage stage, const Fault &fault, const Decision &decision)
{
    const int tries = m_faults.tries(fault.code());
    store::Changes changes = m_book.fault(stage, fault, tries, true) + m_book.leave(stage, false);
    if (m_isCommitSent)
        changes += m_book.leftForServer(false);
    const std::optional<qint64> retryAtMs
        = decision.needsYou ? std::nullopt : std::optional(nowMs() + m_workshop.tuning.nextAttemptMs);
    finishWith(changes + m_book.end(Status::Failed, decision.needsYou ? ItemState::NeedsYou : ItemState::WaitingToRetry, fault.code(),
                                    stage, retryAtMs));
}

/// The server has lost the photo, and so has this computer: at its path is another file. Its name is never called safe for that one by itself; a
/// person who was told and chooses Retry brings what is there.
void AttemptRunner::endAnotherFile(Stage stage)
{
    if (!m_unwritten.isEmpty())
        m_workshop.recorder.record(std::exchange(m_unwritten, {}));
    const Error error{ErrorCode::StorageCopyDamaged, u"the server has lost the photo, and another file is in its place here"_s};
    qCWarning(lcAttempt).noquote() << error.detail;
    m_book.forgetLostCopy();
    finishWith(m_book.fault(stage, faultOf(error), 1, true) + m_book.leave(stage, false)
               + m_book.end(Status::Failed, ItemState::NeedsYou, error.code, stage, {}));
}

} // namespace photolift::pipeline
