#include "ui/uploads/rowstatus.h"

#include "models/vocabulary/pathtext.h"
#include "ui/parts/errortexts.h"
#include "ui/parts/humantext.h"

namespace photolift::ui {

using namespace Qt::StringLiterals;
using pipeline::QueueState;

namespace {

bool isWithoutConnection(const QueueState &queue)
{
    return queue.hold == QueueState::Hold::Offline || queue.hold == QueueState::Hold::ServerUnreachable
        || (queue.hold == QueueState::Hold::None && RowWords::isAtRest(queue));
}

/// Nothing more leaves this computer until what holds the queue is solved: server full, signed out, own disk full.
bool isBlocked(QueueState::Hold hold)
{
    switch (hold) {
    case QueueState::Hold::NoSpace:
    case QueueState::Hold::LocalDiskFull:
    case QueueState::Hold::SignIn:
    case QueueState::Hold::Other:
        return true;
    case QueueState::Hold::None:
    case QueueState::Hold::PausedByYou:
    case QueueState::Hold::Metered:
    case QueueState::Hold::Offline:
    case QueueState::Hold::ServerUnreachable:
        break;
    }
    return false;
}

bool isSent(const UploadRow &row)
{
    return row.view.isCommitted || row.view.currentStage.value_or(Stage::Selection) >= Stage::Verification;
}

/// Parts in flight end after a pause; until then the photo is still sent.
bool isStillMoving(const UploadRow &row)
{
    return row.progress && row.progress->bytesPerSecond > 0;
}

bool isPaused(const UploadRow &row, const RowContext &context)
{
    return context.queue.hold == QueueState::Hold::PausedByYou || context.queue.hold == QueueState::Hold::Metered
        || context.pausedBatches.contains(row.view.item.batchId);
}

RowStatus say(StatusMark mark, const QString &text)
{
    return {mark, toneOf(mark), text};
}

} // namespace

RowStatus RowWords::running(const UploadRow &row, const RowContext &context)
{
    const Stage stage = row.view.currentStage.value_or(Stage::Selection);
    const bool hasLeft = isSent(row);
    if (isWithoutConnection(context.queue) || (context.queue.hold == QueueState::Hold::SignIn && hasLeft))
        return hasLeft ? say(StatusMark::Retry, tr("Sent – waits for the server to answer"))
                      : say(StatusMark::Retry, tr("No connection – continues by itself"));
    if (isBlocked(context.queue.hold) && !hasLeft)
        return say(StatusMark::Retry, hold(context.queue, context.isThisComputer));
    if (isPaused(row, context) && !hasLeft && !isStillMoving(row))
        return say(StatusMark::Paused, context.queue.hold == QueueState::Hold::Metered ? tr("Paused, metered network") : tr("Paused by you"));
    switch (stage) {
    case Stage::Selection:
    case Stage::Preprocessing:
    case Stage::Initiation:
        return say(StatusMark::Running, tr("Preparing"));
    case Stage::Transfer:
        return say(StatusMark::Running, tr("Sending"));
    case Stage::Verification:
    case Stage::Reception:
    case Stage::Validation:
        return say(StatusMark::Running, tr("Checking the copy"));
    case Stage::MetadataExtraction:
    case Stage::Processing:
    case Stage::Storage:
    case Stage::Indexing:
        break;
    }
    return say(StatusMark::Running, tr("Server is making previews"));
}

RowStatus RowWords::status(const UploadRow &row, const RowContext &context)
{
    RowStatus said = statusOfState(row, context);
    if (row.view.isCancelAsked && row.view.item.state == ItemState::Running)
        said.text = tr("Too late to cancel – %1").arg(said.text);
    else if (row.view.isCancelAsked && row.view.item.state == ItemState::Succeeded)
        said.text = tr("Done – it was too late to cancel");
    return said;
}

RowStatus RowWords::statusOfState(const UploadRow &row, const RowContext &context)
{
    const store::Item &item = row.view.item;
    switch (item.state) {
    case ItemState::Queued:
        if (isPaused(row, context))
            return say(StatusMark::Paused,
                       context.queue.hold == QueueState::Hold::Metered ? tr("Paused, metered network") : tr("Paused by you"));
        if (isWithoutConnection(context.queue))
            return say(StatusMark::Waiting, tr("Ready – waits for the connection"));
        if (isBlocked(context.queue.hold))
            return say(StatusMark::Waiting, hold(context.queue, context.isThisComputer));
        return say(StatusMark::Waiting, tr("Waiting"));
    case ItemState::Running:
        return running(row, context);
    case ItemState::WaitingToRetry: {
        if (isWithoutConnection(context.queue))
            return say(StatusMark::Retry, tr("No connection – continues by itself"));
        if (isBlocked(context.queue.hold))
            return say(StatusMark::Retry, hold(context.queue, context.isThisComputer));
        if (isPaused(row, context))
            return say(StatusMark::Paused, context.queue.hold == QueueState::Hold::Metered ? tr("Paused, metered network") : tr("Paused by you"));
        const QString reason = item.errorCode ? errorTitle(*item.errorCode, context.isThisComputer) : tr("Connection dropped");
        if (!item.retryAtMs || *item.retryAtMs <= context.nowMs)
            return say(StatusMark::Retry, tr("%1 – trying again").arg(reason));
        const qint64 seconds = (*item.retryAtMs - context.nowMs + 999) / 1000;
        return say(StatusMark::Retry, seconds < 60 ? tr("%1 – trying again in %2 s").arg(reason, countText(seconds))
                                                   : tr("%1 – trying again in %2 min").arg(reason, countText((seconds + 59) / 60)));
    }
    case ItemState::NeedsYou: {
        const ErrorCode code = item.errorCode.value_or(ErrorCode::InternalUnknown);
        return {StatusMark::Failed, toneOf(StatusMark::Failed), errorLine(code, context.isThisComputer), errorTitle(code, context.isThisComputer)};
    }
    case ItemState::Succeeded:
        return say(StatusMark::Done, tr("Done"));
    case ItemState::Duplicate:
        return say(StatusMark::Duplicate, tr("Already there – skipped"));
    case ItemState::Skipped:
        return say(StatusMark::Cancelled, errorTitle(item.errorCode.value_or(ErrorCode::SelectionNotAccepted), context.isThisComputer));
    case ItemState::Cancelled:
        return say(StatusMark::Cancelled, tr("Cancelled"));
    case ItemState::Dismissed:
        return say(StatusMark::Cancelled,
                   tr("Skipped by you – %1").arg(errorTitle(item.errorCode.value_or(ErrorCode::InternalUnknown), context.isThisComputer)));
    }
    return {};
}

StageStrip RowWords::strip(const UploadRow &row, const RowContext &context)
{
    StageStrip strip;
    strip.states = row.view.stages;
    if (row.view.item.state == ItemState::Duplicate)
        strip.states.fill(StageState::Duplicate);
    const bool isHeld = isWithoutConnection(context.queue) || (isBlocked(context.queue.hold) && !isSent(row));
    const bool isResting = !isHeld && isPaused(row, context) && !isSent(row) && !isStillMoving(row);
    const Stage current = row.view.currentStage.value_or(Stage::Selection);
    for (StageState &state : strip.states) {
        if (state == StageState::Active)
            state = isHeld ? StageState::Retrying : isResting ? StageState::Paused : state;
    }
    if (const std::optional<int> percent = sentPercent(row); percent && current == Stage::Transfer)
        strip.activeFraction = *percent / 100.0;
    else if (current != Stage::Transfer)
        strip.activeFraction = 0.5; // how far the other stages are nobody measures; half says "under way"
    return strip;
}

std::optional<int> RowWords::sentPercent(const UploadRow &row)
{
    const store::Item &item = row.view.item;
    if (item.state == ItemState::Duplicate || item.state == ItemState::Skipped)
        return std::nullopt;
    const StageState transfer = row.view.stages[static_cast<std::size_t>(Stage::Transfer)];
    if (transfer == StageState::Done)
        return 100;
    if (transfer == StageState::NotReached || transfer == StageState::Duplicate)
        return std::nullopt;
    const qint64 sent = std::max(row.progress ? row.progress->sentBytes : 0, row.view.ackedBytes);
    const qint64 size = item.identity.size;
    // 100 % is said only once the stage has ended: a full buffer is not an arrival.
    return size > 0 ? static_cast<int>(std::clamp<qint64>(sent * 100 / size, 0, 99)) : 0;
}

QString RowWords::hold(const pipeline::QueueState &queue, bool isThisComputer)
{
    switch (queue.hold) {
    case QueueState::Hold::None:
        return {};
    case QueueState::Hold::PausedByYou:
        return tr("Paused by you");
    case QueueState::Hold::Metered:
        return tr("Paused, metered network");
    case QueueState::Hold::Offline:
    case QueueState::Hold::ServerUnreachable:
        return tr("No connection – continues by itself");
    case QueueState::Hold::NoSpace:
        return errorTitle(queue.holdCode.value_or(ErrorCode::StorageNoSpace), isThisComputer);
    case QueueState::Hold::LocalDiskFull:
        return errorTitle(queue.holdCode.value_or(ErrorCode::LocalDiskFull), isThisComputer);
    case QueueState::Hold::SignIn:
        return errorTitle(queue.holdCode.value_or(ErrorCode::ApiAccountClosed), isThisComputer);
    case QueueState::Hold::Other:
        break;
    }
    return errorTitle(queue.holdCode.value_or(ErrorCode::InternalUnknown), isThisComputer);
}

bool RowWords::isAtRest(const QueueState &queue)
{
    switch (queue.hold) {
    case QueueState::Hold::None: // a server that is away is no trouble yet, for a minute
        return !queue.isServerReachable && queue.waitsFor && queue.bytesPerSecond == 0;
    case QueueState::Hold::Offline:
    case QueueState::Hold::ServerUnreachable:
    case QueueState::Hold::SignIn:
        return true; // nobody hears of the server's steps either
    case QueueState::Hold::PausedByYou:
    case QueueState::Hold::Metered:
    case QueueState::Hold::NoSpace:
    case QueueState::Hold::LocalDiskFull:
    case QueueState::Hold::Other:
        break;
    }
    return queue.bytesPerSecond == 0; // parts in flight end first
}

bool RowWords::isAllSent(const QueueState &queue)
{
    return queue.hold == QueueState::Hold::None && queue.active > 0 && queue.leaving + queue.waiting == 0;
}

QString RowWords::fileName(const store::Item &item)
{
    const qsizetype slash = item.relativePath.lastIndexOf('/');
    return textFromPath(slash < 0 ? item.relativePath : item.relativePath.mid(slash + 1));
}

QString RowWords::sentence(const UploadRow &row, const RowContext &context)
{
    const RowStatus said = status(row, context);
    const qint64 size = row.view.item.identity.size;
    QStringList parts{displayName(fileName(row.view.item)),
                      size < 50'000 ? fileSizeText(size) : tr("%1 megabytes").arg(fileSizeText(size))};
    std::optional<Stage> stage;
    if (row.view.item.state == ItemState::NeedsYou)
        stage = row.view.item.errorStage ? row.view.item.errorStage : row.view.currentStage;
    else if (!isEnded(row.view.item.state))
        stage = row.view.currentStage;
    if (stage)
        parts << tr("step %1 of %2 %3").arg(QString::number(static_cast<int>(*stage) + 1), QString::number(StageCount), stageWord(*stage));
    if (const std::optional<int> percent = sentPercent(row); percent && *percent < 100)
        parts << tr("%1 percent").arg(*percent);
    parts << said.text;
    return parts.join(u", "_s);
}

} // namespace photolift::ui
