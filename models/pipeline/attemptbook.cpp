#include "models/pipeline/attemptbook.h"

#include "models/photo/kind.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {

bool hasUnusableName(const QByteArray &path)
{
    const QString text = textFromPath(path);
    return !isUtf8(path) || displayName(text) != text;
}

QJsonObject contextOf(Stage stage, const Fault &fault, int tryNumber)
{
    QJsonObject context{{u"code"_s, QString(errorName(fault.code()))}, {u"stage"_s, QString(stageName(stage))}, {u"attempt"_s, tryNumber}};
    noteCause(context, fault.error.cause);
    if (fault.part != 0)
        context[u"part"_s] = fault.part;
    if (!fault.requestId.isEmpty())
        context[u"request_id"_s] = fault.requestId;
    if (fault.retryAfterMs)
        context[u"retry_after_ms"_s] = *fault.retryAfterMs;
    return context;
}

} // namespace

std::optional<qint64> clockSkewMs(qint64 serverOffsetMs)
{
    constexpr qint64 Charted = 48LL * 3600 * 1000;
    return -serverOffsetMs > Charted ? std::optional(-serverOffsetMs) : std::nullopt;
}

bool noteCancelAsked(AttemptRecord &attempt)
{
    if (attempt.metadata.contains("cancel_asked_ms"_L1))
        return false;
    attempt.metadata[u"cancel_asked_ms"_s] = nowMs();
    ++attempt.rowVersion;
    return true;
}

AttemptBook::AttemptBook(store::Item item, const store::BatchAccepted &batch, const Surroundings &surroundings, qint64 startedMs)
    : m_item(std::move(item))
{
    m_attempt.clientUploadId = newUuid7(startedMs);
    m_attempt.itemId = m_item.itemId;
    m_attempt.attemptNumber = m_item.attemptNumber + 1;
    m_attempt.projectId = batch.project.projectId;
    m_attempt.batchId = m_item.batchId;
    m_attempt.relativePath = textFromPath(m_item.relativePath);
    m_attempt.surroundings = surroundings;
    m_attempt.startedMs = startedMs;
    m_attempt.fileSize = m_item.identity.size;
    m_attempt.numPhotosInBatch = batch.batch.numPhotos;
    m_attempt.isBatchUpload = batch.batch.numPhotos.value_or(2) > 1;
    m_attempt.isBackgroundUpload = batch.isBackground;
    m_attempt.totalDurationMs = 0;
    m_attempt.metadata[u"source_modified_ms"_s] = m_item.identity.modifiedNs / 1'000'000;
    m_attempt.metadata[u"queued_ms"_s] = std::max<qint64>(0, startedMs - batch.batch.createdMs);
    if (hasUnusableName(m_item.relativePath))
        m_attempt.metadata[u"name_unusable"_s] = true;
    m_item.attemptNumber = m_attempt.attemptNumber;
    m_item.clientUploadId = m_attempt.clientUploadId;
    m_item.state = ItemState::Running;
    m_item.errorCode.reset();
    m_item.errorStage.reset();
    m_item.retryAtMs.reset();
    m_item.isSafe = false;
    m_piece.start();
}

AttemptBook::AttemptBook(store::Item item, store::WorkList::Progress progress)
    : m_item(std::move(item))
    , m_attempt(std::move(progress.attempt))
    , m_photo(std::move(progress.photo))
{
    for (const StageRecord &stage : std::as_const(progress.stages))
        m_stages[stage.stage] = stage;
    m_attempt.status = Status::Running;
    m_attempt.endedMs.reset();
    m_item.state = ItemState::Running;
    m_item.retryAtMs.reset();
    m_item.errorCode.reset();
    m_item.errorStage.reset();
    startWaiting("waited_ms"_L1);
}

Stage AttemptBook::newestStage() const
{
    Stage newest = Stage::Selection;
    for (const auto &[stage, row] : m_stages) {
        if (!isServerStage(stage))
            newest = std::max(newest, stage);
    }
    return newest;
}

std::optional<StageRecord> AttemptBook::stage(Stage stage) const
{
    const auto found = m_stages.find(stage);
    return found == m_stages.end() ? std::nullopt : std::optional(found->second);
}

qint64 AttemptBook::durationMs(Stage stage) const
{
    const auto row = m_stages.find(stage);
    if (row == m_stages.end())
        return 0;
    const auto piece = m_stagePieces.find(stage);
    const bool isWorking = piece != m_stagePieces.end() && piece->second.isValid();
    return row->second.durationMs.value_or(0) + (isWorking ? piece->second.elapsed() : 0);
}

store::Changes AttemptBook::begin()
{
    store::Changes changes{store::AttemptChanged{m_attempt}, itemChange()};
    if (m_attempt.metadata.contains("name_unusable"_L1)) {
        changes += enter(Stage::Selection);
        changes += fault(Stage::Selection, faultOf(Error{ErrorCode::SelectionNameUnusable, {}}), 1, false);
    }
    if (!m_item.lostSha256.isEmpty()) { // why there is one more attempt
        changes += enter(Stage::Selection);
        changes += fault(Stage::Selection, faultOf(Error{ErrorCode::StorageCopyDamaged, {}}), 1, false);
    }
    return changes;
}

store::Changes AttemptBook::enter(Stage stage)
{
    const auto found = m_stages.find(stage);
    if (found == m_stages.end()) {
        StageRecord row;
        row.clientUploadId = id();
        row.stage = stage;
        row.startedMs = nowMs();
        m_stages[stage] = row;
    } else {
        StageRecord &row = found->second;
        if (!row.endedMs && m_stagePieces.contains(stage))
            return {}; // open already
        row.endedMs.reset();
        row.isSuccessful.reset();
        ++row.rowVersion;
    }
    m_stagePieces[stage].start();
    return {store::StageChanged{m_stages[stage]}};
}

store::Changes AttemptBook::leave(Stage stage, bool isSuccessful, const QJsonObject &metadata)
{
    const auto found = m_stages.find(stage);
    if (found == m_stages.end())
        return {};
    StageRecord &row = found->second;
    row.endedMs = std::max(nowMs(), row.startedMs);
    row.isSuccessful = isSuccessful;
    qint64 piece = 0;
    if (const auto open = m_stagePieces.find(stage); open != m_stagePieces.end()) {
        piece = open->second.isValid() ? open->second.elapsed() : 0;
        m_stagePieces.erase(open);
    }
    row.durationMs = row.durationMs.value_or(0) + piece;
    for (auto entry = metadata.begin(); entry != metadata.end(); ++entry)
        row.metadata[entry.key()] = entry.value();
    ++row.rowVersion;
    return {store::StageChanged{row}};
}

store::Changes AttemptBook::retried(Stage stage)
{
    const auto found = m_stages.find(stage);
    if (found == m_stages.end())
        return {};
    ++found->second.retryCount;
    ++found->second.rowVersion;
    return {store::StageChanged{found->second}};
}

store::Changes AttemptBook::fault(Stage stage, const Fault &fault, int tryNumber, bool isFatal)
{
    ErrorRecord row;
    row.errorUid = newUuid7();
    row.clientUploadId = id();
    row.stage = stage;
    row.code = fault.code();
    row.message = QString::fromUtf8(errorInfo(fault.code()).title);
    row.happenedMs = nowMs();
    row.context = contextOf(stage, fault, tryNumber);
    row.isFatal = isFatal;
    return {store::ErrorHappened{row}};
}

store::Changes AttemptBook::waiting(ErrorCode code, Stage stage, std::optional<qint64> untilMs)
{
    startWaiting("waited_ms"_L1);
    m_attempt.status = Status::WaitingToRetry;
    m_item.state = ItemState::WaitingToRetry;
    m_item.errorCode = code;
    m_item.errorStage = stage;
    m_item.retryAtMs = untilMs;
    return {attemptChange(), itemChange()};
}

store::Changes AttemptBook::paused()
{
    startWaiting("paused_ms"_L1);
    m_attempt.status = Status::Paused;
    return {attemptChange(), itemChange()};
}

void AttemptBook::idle()
{
    startWaiting("waited_ms"_L1);
}

void AttemptBook::turnPaused(bool isPaused)
{
    startWaiting(isPaused ? "paused_ms"_L1 : "waited_ms"_L1);
}

store::Changes AttemptBook::restartedProgram()
{
    m_attempt.metadata[u"restarts"_s] = m_attempt.metadata[u"restarts"_s].toInt() + 1;
    return running();
}

store::Changes AttemptBook::running()
{
    stopWaiting();
    m_attempt.status = Status::Running;
    m_item.state = ItemState::Running;
    m_item.errorCode.reset();
    m_item.errorStage.reset();
    m_item.retryAtMs.reset();
    return {attemptChange(), itemChange()};
}

store::Changes AttemptBook::cancelMeant(bool isMeant)
{
    m_item.errorCode = isMeant ? std::optional(ErrorCode::UserCancelled) : std::nullopt;
    return {itemChange()};
}

store::Changes AttemptBook::cancelAsked()
{
    return noteCancelAsked(m_attempt) ? store::Changes{store::AttemptChanged{m_attempt}} : store::Changes{};
}

store::Changes AttemptBook::settled()
{
    noteWait();
    return {attemptChange()};
}

store::Changes AttemptBook::restartedFile()
{
    m_attempt.metadata[u"file_restarts"_s] = m_attempt.metadata[u"file_restarts"_s].toInt() + 1;
    m_item.sha256.clear();
    store::Changes changes;
    for (auto &[stage, row] : m_stages) {
        if (isServerStage(stage))
            continue;
        ++row.retryCount;
        ++row.rowVersion;
        changes.append(store::StageChanged{row});
    }
    changes.append(store::UploadForgotten{id()});
    changes += running();
    return changes;
}

store::Changes AttemptBook::hashed(const QString &sha256, const store::FileIdentity &identity)
{
    m_item.sha256 = sha256;
    m_item.identity = identity;
    m_attempt.fileSize = identity.size;
    m_attempt.metadata[u"sha256"_s] = sha256;
    m_attempt.metadata[u"source_modified_ms"_s] = identity.modifiedNs / 1'000'000;
    return {attemptChange(), itemChange()};
}

store::Changes AttemptBook::photoKnown(PhotoRecord photo)
{
    if (m_photo)
        photo.rowVersion = m_photo->rowVersion + 1;
    m_photo = std::move(photo);
    return {store::PhotoKnown{*m_photo}};
}

store::Changes AttemptBook::leftForServer(bool isLeft)
{
    if (isLeft)
        m_attempt.metadata[u"left_for_server"_s] = true;
    else
        m_attempt.metadata.remove(u"left_for_server"_s);
    return {attemptChange()};
}

store::Changes AttemptBook::networkSeen(const NetworkFacts &network)
{
    const QString before = m_attempt.surroundings.network.connectionType;
    if (network == m_attempt.surroundings.network)
        return {};
    if (before != network.connectionType && m_stages.contains(Stage::Transfer)) {
        const QString path = m_attempt.metadata[u"network_change"_s].toString(before);
        m_attempt.metadata[u"network_change"_s] = QString(path + u'>' + network.connectionType);
    } else {
        m_attempt.surroundings.network = network;
    }
    return {attemptChange()};
}

void AttemptBook::note(QLatin1StringView key, const QJsonValue &value)
{
    m_attempt.metadata[key] = value;
}

store::Changes AttemptBook::end(Status status, ItemState state, std::optional<ErrorCode> code, std::optional<Stage> stage,
                                std::optional<qint64> retryAtMs, int atLeastVersion)
{
    stopWaiting();
    store::Changes changes;
    for (auto &[open, row] : m_stages) {
        if (!row.endedMs && !isServerStage(open)) // no stage of ours stays open behind its attempt
            changes += leave(open, status == Status::Duplicate || status == Status::Succeeded);
    }
    m_attempt.status = status;
    m_attempt.endedMs = std::max(nowMs(), m_attempt.startedMs);
    m_attempt.rowVersion = std::max(m_attempt.rowVersion, atLeastVersion - 1);
    m_item.state = state;
    m_item.errorCode = code;
    m_item.errorStage = stage;
    m_item.isMissed = state == ItemState::Skipped && code
        && photo::severityWhenSkipped(*code, m_item.relativePath) >= photo::MissedSeverity;
    m_item.retryAtMs = retryAtMs;
    if (statusInfo(status).isSuccess)
        forgetLostCopy();
    changes.append(store::UploadForgotten{id()});
    changes.append(attemptChange());
    changes.append(itemChange());
    return changes;
}

store::Change AttemptBook::attemptChange()
{
    m_attempt.totalDurationMs = m_attempt.totalDurationMs.value_or(0) + takePiece();
    ++m_attempt.rowVersion;
    return store::AttemptChanged{m_attempt};
}

store::Change AttemptBook::itemChange()
{
    return store::ItemMoved{m_item};
}

qint64 AttemptBook::takePiece()
{
    return m_piece.isValid() ? m_piece.restart() : 0;
}

void AttemptBook::startWaiting(QLatin1StringView kind)
{
    stopWaiting();
    m_attempt.totalDurationMs = m_attempt.totalDurationMs.value_or(0) + takePiece();
    m_piece.invalidate();
    for (auto &[stage, timer] : m_stagePieces) {
        StageRecord &row = m_stages[stage];
        row.durationMs = row.durationMs.value_or(0) + timer.elapsed();
        timer.invalidate();
    }
    m_waitKind = kind;
    m_wait.start();
}

void AttemptBook::noteWait()
{
    if (const qint64 ms = m_wait.isValid() ? m_wait.restart() : 0; ms > 0)
        m_attempt.metadata[m_waitKind] = m_attempt.metadata[m_waitKind].toInteger() + ms;
}

void AttemptBook::stopWaiting()
{
    if (!m_wait.isValid())
        return;
    noteWait();
    m_wait.invalidate();
    m_piece.start();
    for (auto &[stage, timer] : m_stagePieces)
        timer.start();
}

} // namespace photolift::pipeline
