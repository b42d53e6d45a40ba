#include "models/pipeline/statusfollower.h"

#include "models/pipeline/attemptbook.h"
#include "models/pipeline/fault.h"
#include "models/pipeline/retrypolicy.h"
#include "models/store/recorder.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

#include <QLoggingCategory>
#include <QRandomGenerator>

#include <numeric>

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {
Q_LOGGING_CATEGORY(lcFollower, "photolift.pipeline")

constexpr int UnverifiedShare = 400; ///< of a full query: verification is what a person waits for

ItemState stateFor(Status status)
{
    switch (status) {
    case Status::Succeeded:
        return ItemState::Succeeded;
    case Status::Duplicate:
        return ItemState::Duplicate;
    case Status::Cancelled:
        return ItemState::Cancelled;
    default:
        return ItemState::NeedsYou;
    }
}

const ErrorRecord *lastFatal(const QList<ErrorRecord> &errors)
{
    const auto fatal = std::find_if(errors.crbegin(), errors.crend(), [](const ErrorRecord &error) { return error.isFatal; });
    return fatal == errors.crend() ? nullptr : &*fatal;
}
}

StatusFollower::StatusFollower(const Workshop &workshop, store::WorkList &workList, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_workList(workList)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer); // never before what a server asked for
    connect(&m_timer, &QTimer::timeout, this, &StatusFollower::poll);
}

void StatusFollower::follow(const CommittedUpload &upload)
{
    Followed followed;
    followed.upload = upload;
    followed.isVerified = !upload.verification || upload.verification->endedMs.has_value();
    followed.since.start();
    m_uploads.insert_or_assign(upload.uploadId, followed);
    wake();
}

qint64 StatusFollower::bytes() const
{
    return std::accumulate(m_uploads.cbegin(), m_uploads.cend(), qint64(0),
                           [](qint64 sum, const auto &entry) { return sum + entry.second.upload.attempt.fileSize; });
}

bool StatusFollower::noteCancelAsked(const QUuid &itemId)
{
    const auto found = std::find_if(m_uploads.begin(), m_uploads.end(),
                                    [&itemId](const auto &entry) { return entry.second.upload.itemId == itemId; });
    if (found == m_uploads.end() || found->second.isEnding)
        return false;
    AttemptRecord &attempt = found->second.upload.attempt;
    if (pipeline::noteCancelAsked(attempt))
        m_workshop.recorder.record({store::AttemptChanged{attempt}});
    return true;
}

void StatusFollower::wake()
{
    if (!m_isAsking)
        m_timer.start(0);
}

wire::StatusQuery StatusFollower::nextQuery() const
{
    wire::StatusQuery query;
    query.waitSeconds = m_isBusy ? std::min(1, m_workshop.tuning.statusWaitSeconds) : m_workshop.tuning.statusWaitSeconds;
    const auto add = [this, &query](bool areVerified, int most) {
        for (const auto &[uploadId, followed] : m_uploads) {
            if (query.uploads.size() >= most)
                return;
            if (!followed.isEnding && followed.isVerified == areVerified)
                query.uploads.append({uploadId, followed.version});
        }
    };
    add(false, UnverifiedShare);
    add(true, wire::MaxStatusUploads);
    return query;
}

void StatusFollower::poll()
{
    if (m_isAsking || m_isStopped)
        return;
    const wire::StatusQuery query = nextQuery();
    if (query.uploads.isEmpty())
        return;
    m_isAsking = true;
    whenDone(m_workshop.api.status(query), this,
             [this, waitSeconds = query.waitSeconds](const transfer::ApiAnswer<wire::StatusAnswer> &answer) { answered(answer, waitSeconds); });
}

void StatusFollower::answered(const transfer::ApiAnswer<wire::StatusAnswer> &answer, int waitSeconds)
{
    m_isAsking = false;
    if (!answer) {
        const qint64 delay = holdMs(++m_tries, answer.fault.retryAfterMs, m_workshop.tuning,
                                    QRandomGenerator::global()->generateDouble());
        qCInfo(lcFollower).noquote() << "status:" << errorName(answer.fault.error.code) << answer.fault.error.detail;
        m_timer.start(std::chrono::milliseconds(delay));
        Q_EMIT troubled(faultOf(answer.fault));
        return;
    }
    m_tries = 0;
    for (const wire::UploadStatus &status : answer.value->uploads) {
        const auto found = m_uploads.find(status.uploadId);
        if (found != m_uploads.end() && !found->second.isEnding)
            apply(found->second, status);
    }
    const bool isNothingNew = answer.value->uploads.isEmpty();
    const qint64 jitterMs = isNothingNew ? pollJitterMs(waitSeconds, QRandomGenerator::global()->generateDouble()) : 0;
    m_timer.start(std::chrono::milliseconds(m_workshop.tuning.statusWaitSeconds == 0 ? 20 : jitterMs));
}

void StatusFollower::apply(Followed &followed, const wire::UploadStatus &status)
{
    const CorrelationScope scope(followed.upload.attempt.clientUploadId);
    if (!status.isKnown) {
        giveBack(followed, status);
        return;
    }
    followed.version = status.version;
    store::Changes changes = copyRows(followed, status) + verify(followed, status);
    if (isTerminal(status.status)) {
        end(followed, status, changes);
        return;
    }
    if (status.isSafe && isSeenEqual(followed) && !followed.isSafe) {
        followed.isSafe = true;
        if (const auto item = m_workList.item(followed.upload.itemId); item && *item) {
            store::Item safe = **item;
            safe.isSafe = true;
            changes.append(store::ItemMoved{safe});
        }
    }
    if (!changes.isEmpty())
        m_workshop.recorder.record(changes);
}

store::Changes StatusFollower::copyRows(Followed &followed, const wire::UploadStatus &status) const
{
    store::Changes changes;
    for (const StageRecord &stage : status.stages) {
        int &seen = followed.stageVersions[std::size_t(stage.stage)];
        if (stage.rowVersion > seen)
            changes.append(store::StageChanged{stage, true});
        seen = std::max(seen, stage.rowVersion);
    }
    for (const ErrorRecord &error : status.errors.mid(std::min(followed.errorsSeen, status.errors.size())))
        changes.append(store::ErrorHappened{error, true});
    followed.errorsSeen = status.errors.size();
    if (status.photo)
        changes.append(store::PhotoKnown{*status.photo, true});
    return changes;
}

store::Changes StatusFollower::verify(Followed &followed, const wire::UploadStatus &status)
{
    if (followed.isVerified || status.storedSha256.isEmpty() || !status.storedSize)
        return {};
    const CommittedUpload &upload = followed.upload;
    const bool isEqual = status.storedSha256 == upload.sha256 && *status.storedSize == upload.attempt.fileSize;
    followed.isVerified = true;
    followed.upload.verification->metadata[u"stored_sha256"_s] = status.storedSha256;
    followed.upload.verification->metadata[u"stored_bytes"_s] = *status.storedSize;
    const store::Changes changes = endVerification(followed, status, isEqual);
    if (isEqual)
        Q_EMIT verified(upload.itemId, upload.attempt.fileSize);
    return changes;
}

store::Changes StatusFollower::endVerification(Followed &followed, const wire::UploadStatus &status, bool isSuccessful)
{
    StageRecord &row = *followed.upload.verification;
    row.endedMs = std::max(nowMs(), row.startedMs);
    row.durationMs = followed.upload.verificationMs + followed.since.elapsed();
    // Where the server has ended the attempt, verification was over then, however much later we hear of it.
    if (status.endedMs && *status.endedMs >= row.startedMs && *status.endedMs < *row.endedMs) {
        row.endedMs = status.endedMs;
        if (followed.upload.attempt.metadata.contains("restarts"_L1)) // maybe before this run, whose piece is none of it then
            row.durationMs = std::min(*row.durationMs, *row.endedMs - row.startedMs);
    }
    row.isSuccessful = isSuccessful;
    ++row.rowVersion;
    return {store::StageChanged{row}};
}

bool StatusFollower::isSeenEqual(const Followed &followed)
{
    const std::optional<StageRecord> &verification = followed.upload.verification; // none: seen in an earlier run
    return followed.isVerified && (!verification || verification->isSuccessful.value_or(false));
}

/// The server is done with it before it could be verified.
store::Changes StatusFollower::closeVerification(Followed &followed, const wire::UploadStatus &status)
{
    const std::optional<StageRecord> &row = followed.upload.verification;
    return !row || row->endedMs ? store::Changes() : endVerification(followed, status, false);
}

void StatusFollower::settle()
{
    store::Changes changes;
    for (auto &[uploadId, followed] : m_uploads) {
        if (followed.isVerified || followed.isEnding)
            continue;
        StageRecord &row = *followed.upload.verification;
        row.durationMs = followed.upload.verificationMs + followed.since.elapsed();
        ++row.rowVersion;
        changes.append(store::StageChanged{row});
    }
    m_workshop.recorder.record(changes);
}

void StatusFollower::end(Followed &followed, const wire::UploadStatus &status, store::Changes changes)
{
    const CommittedUpload &upload = followed.upload;
    const bool isEqual = isSeenEqual(followed);
    changes += closeVerification(followed, status);
    followed.isEnding = true;

    const auto item = m_workList.item(upload.itemId);
    AttemptRecord attempt = upload.attempt;
    attempt.status = status.status;
    // Ours may be ahead by a word that the server does not know yet; it reckons the version alike when that arrives (eventbatch).
    attempt.rowVersion = std::max(status.rowVersion, attempt.rowVersion + 1);
    attempt.endedMs = status.endedMs;
    if (status.totalDurationMs)
        attempt.totalDurationMs = status.totalDurationMs;
    changes.append(store::AttemptChanged{attempt, true});
    const ErrorRecord *fatal = lastFatal(status.errors);
    if (item && *item) {
        store::Item moved = **item;
        moved.state = stateFor(status.status);
        moved.isSafe = moved.isSafe || status.isSafe;
        moved.retryAtMs.reset();
        moved.errorCode.reset();
        moved.errorStage.reset();
        if (status.status == Status::Succeeded && !isEqual) {
            // No status is ever guessed: what we have not seen equal is not done, whatever was answered.
            moved.state = ItemState::NeedsYou;
            moved.errorCode = ErrorCode::VerificationHashMismatch;
            moved.errorStage = Stage::Verification;
        } else if (status.status == Status::Succeeded) {
            moved.lostSha256.clear();
        } else if (status.status == Status::Failed) {
            moved.errorCode = fatal ? fatal->code : ErrorCode::InternalUnknown;
            moved.errorStage = fatal ? fatal->stage : std::nullopt;
        }
        changes.append(store::ItemMoved{moved});
    }
    changes.append(store::UploadForgotten{upload.attempt.clientUploadId});
    faultPoint("pipeline.end");
    whenDone(m_workshop.recorder.recordDurably(changes), this,
             [this, uploadId = upload.uploadId, itemId = upload.itemId, id = upload.attempt.clientUploadId](const Result<> &) {
                 m_uploads.erase(uploadId);
                 Q_EMIT ended(itemId, id);
             });
}

void StatusFollower::giveBack(Followed &followed, const wire::UploadStatus &status)
{
    GivenBack why;
    if (!status.errors.isEmpty())
        why = {.code = status.errors.last().code, .isRecorded = true};
    followed.isEnding = true;
    store::Changes changes;
    if (status.errors.isEmpty()) // it has forgotten the attempt, and does not give it back for a reason
        changes.append(store::ServerStagesLost{followed.upload.attempt.clientUploadId});
    changes += copyRows(followed, status) + closeVerification(followed, status);
    AttemptRecord attempt = followed.upload.attempt;
    if (status.totalDurationMs)
        attempt.totalDurationMs = std::max(attempt.totalDurationMs.value_or(0), *status.totalDurationMs);
    ++attempt.rowVersion;
    changes.append(store::AttemptChanged{attempt});
    store::Item item;
    if (const auto known = m_workList.item(followed.upload.itemId); known && *known)
        item = **known;
    item.isSafe = false;
    changes.append(store::ItemMoved{item});
    whenDone(m_workshop.recorder.recordDurably(changes), this, [this, uploadId = followed.upload.uploadId, item, why](const Result<> &) {
        m_uploads.erase(uploadId);
        Q_EMIT givenBack(item, why);
    });
}

} // namespace photolift::pipeline
