#include "ui/uploads/verdicts.h"

#include "ui/parts/errortexts.h"
#include "ui/parts/humantext.h"
#include "ui/uploads/rowstatus.h"

#include <QDateTime>
#include <QLocale>

namespace photolift::ui {

using namespace Qt::StringLiterals;
using Hold = pipeline::QueueState::Hold;

namespace {

/// The kinds of verdict: a change from one to another is announced, a change of numbers is not.
enum Kind { Ready = 1, Finished, Counting, Uploading, Paused, NoConnection, Blocked, Starting, Quiet = 100, Needed, Missed };

QString joined(const QStringList &parts)
{
    QStringList filled;
    for (const QString &part : parts) {
        if (!part.isEmpty())
            filled << part;
    }
    return filled.join(u" · "_s);
}

} // namespace

Totals totalsOf(const QList<store::BatchView> &batches)
{
    Totals totals;
    for (const store::BatchView &batch : batches) {
        ++totals.folders;
        totals.photos += batch.found - batch.skipped;
        totals.safe += batch.safe + batch.duplicate;
        totals.done += batch.done;
        totals.duplicate += batch.duplicate;
        totals.needsYou += batch.needsYou;
        totals.moving += batch.moving;
        totals.waiting += batch.waiting;
        totals.paused += batch.isPaused ? batch.moving + batch.waiting : 0;
        totals.cancelled += batch.cancelled;
        totals.dismissed += batch.dismissed;
        totals.skipped += batch.skipped;
        totals.missed += batch.missed;
        totals.unread += batch.unread;
        totals.counting += batch.isCounted ? 0 : 1;
        if (batch.finishedMs)
            totals.finishedMs = std::max(totals.finishedMs.value_or(0), *batch.finishedMs);
    }
    return totals;
}

QString VerdictWords::arrived(const Totals &totals, const Destination &destination)
{
    const int photos = static_cast<int>(totals.photos);
    if (destination.isThisComputer)
        return tr("%1 of %Ln photo(s) are copied to %2", nullptr, photos).arg(countText(totals.safe), folderText(destination.folder));
    return tr("%1 of %Ln photo(s) are safe on the server", nullptr, photos).arg(countText(totals.safe));
}

QString VerdictWords::allArrived(const Totals &totals, const Destination &destination)
{
    const int photos = static_cast<int>(totals.photos);
    if (destination.isThisComputer)
        return tr("All %Ln photo(s) are copied to %1", nullptr, photos).arg(folderText(destination.folder));
    return tr("All %Ln photo(s) are safe", nullptr, photos);
}

QString VerdictWords::missedText(qint64 missed)
{
    return missed > 0 ? tr("%Ln skipped file(s) deserve(s) a look", nullptr, static_cast<int>(missed)) : QString();
}

QString VerdictWords::tryingAgain(const QString &reason, const pipeline::QueueState &queue, qint64 nowMs)
{
    if (!queue.nextTryMs || *queue.nextTryMs <= nowMs)
        return tr("%1 – trying again").arg(reason);
    return tr("%1 – trying again in %2 s").arg(reason, countText((*queue.nextTryMs - nowMs + 999) / 1000));
}

VerdictWords::Motion VerdictWords::starting()
{
    return {{StatusMark::Waiting, false, tr("Starting"), tr("Your list of photos is opened"), {}, Starting}, MotionAct::None};
}

VerdictWords::Motion VerdictWords::motion(const Totals &totals, const pipeline::QueueState &queue, const Destination &destination,
                                          const std::optional<store::BatchView> &last, qint64 nowMs)
{
    const qint64 going = totals.moving + totals.waiting;
    const QString safeSoFar = totals.photos > 0 ? arrived(totals, destination) : QString();
    const auto withNothingLost = [&] {
        if (totals.photos == 0)
            return tr("Nothing is lost");
        return tr("Nothing is lost. %1, %Ln continue(s) by themselves", nullptr, static_cast<int>(going)).arg(safeSoFar);
    };
    switch (queue.hold) {
    case Hold::NoSpace: {
        const QString headline = queue.holdCode == ErrorCode::InitiationQuotaFull ? errorTitle(ErrorCode::InitiationQuotaFull, false)
            : destination.isThisComputer                                          ? tr("Not enough space for the copies")
                                                                                  : tr("Not enough space on the server");
        QString advice = errorAdvice(queue.holdCode.value_or(ErrorCode::StorageNoSpace), destination.isThisComputer);
        if (destination.isThisComputer && queue.neededBytes && queue.freeBytes)
            advice = tr("%1 needed, %2 free in %3. Free some space; uploads continue by themselves.")
                         .arg(sizeText(*queue.neededBytes), sizeText(*queue.freeBytes), folderText(destination.folder));
        else if (destination.isThisComputer)
            advice = tr("Free some space on the disk of %1; uploads continue by themselves.").arg(folderText(destination.folder));
        return {{StatusMark::Failed, true, headline, advice, tr("Try now"), Blocked}, MotionAct::TryNow};
    }
    case Hold::LocalDiskFull:
        return {{StatusMark::Failed, true, errorTitle(ErrorCode::LocalDiskFull, destination.isThisComputer),
                 errorAdvice(ErrorCode::LocalDiskFull, destination.isThisComputer), tr("Try now"), Blocked},
                MotionAct::TryNow};
    case Hold::SignIn: {
        const ErrorCode code = queue.holdCode.value_or(ErrorCode::ApiAccountClosed);
        return {{StatusMark::Failed, true, errorTitle(code, destination.isThisComputer), errorAdvice(code, destination.isThisComputer), tr("Sign in again"), Blocked},
                MotionAct::SignIn};
    }
    case Hold::Other: {
        if (queue.holdCode == ErrorCode::LocalListDamaged) // nothing is written any more, and no try of ours mends that
            return {{StatusMark::Failed, true, tr("The upload list is damaged"),
                     tr("Close Photolift and start it again: it repairs the list then. Your photos and what has arrived are untouched."), {}, Blocked},
                    MotionAct::None};
        const ErrorCode code = queue.holdCode.value_or(ErrorCode::InternalUnknown);
        return {{StatusMark::Failed, true, errorTitle(code, destination.isThisComputer), errorAdvice(code, destination.isThisComputer), tr("Try now"), Blocked}, MotionAct::TryNow};
    }
    case Hold::Offline:
        return {{StatusMark::Retry, false, tryingAgain(tr("No connection"), queue, nowMs), withNothingLost(), tr("Try now"), NoConnection},
                MotionAct::TryNow};
    case Hold::ServerUnreachable:
        return {{StatusMark::Retry, false, tryingAgain(errorTitle(ErrorCode::NetworkConnectFailed, destination.isThisComputer), queue, nowMs), withNothingLost(),
                 tr("Try now"), NoConnection},
                MotionAct::TryNow};
    case Hold::PausedByYou:
        return {{StatusMark::Paused, false, tr("Paused by you"), joined({safeSoFar, tr("Nothing new is started until you resume")}),
                 tr("Resume all"), Paused},
                MotionAct::ResumeAll};
    case Hold::Metered:
        return {{StatusMark::Paused, false, tr("Paused, metered network"), joined({safeSoFar, tr("Goes on by itself in another network")}),
                 tr("Upload anyway"), Paused},
                MotionAct::ResumeAll};
    case Hold::None:
        break;
    }
    if (totals.counting > 0 && totals.moving == 0 && totals.safe == 0)
        return {{StatusMark::Running, false, tr("Counting %Ln photo(s)", nullptr, static_cast<int>(totals.photos)),
                 tr("The upload starts by itself"), tr("Pause all"), Counting},
                MotionAct::PauseAll};
    if (going > 0 && totals.paused == going)
        return {{StatusMark::Paused, false, tr("Paused by you"), joined({safeSoFar, tr("Nothing new is started until you resume")}),
                 tr("Resume all"), Paused},
                MotionAct::ResumeAll};
    if (going > 0) {
        if (RowWords::isAtRest(queue)) // nothing is wrong yet, but nothing moves either
            return {{StatusMark::Waiting, false, tr("Waiting for the server"), withNothingLost(), tr("Pause all"), Uploading}, MotionAct::PauseAll};
        if (RowWords::isAllSent(queue)) // what the server still does takes its time, and no speed or end of it is known
            return {{StatusMark::Running, false, tr("All sent – the copies are being checked"), safeSoFar, tr("Pause all"), Uploading}, MotionAct::PauseAll};
        QString headline = tr("Uploading normally");
        QString finish;
        if (queue.secondsLeft) {
            headline = *queue.secondsLeft < 60 ? tr("Uploading normally – less than a minute left")
                                               : tr("Uploading normally – about %1 left").arg(leftText(*queue.secondsLeft));
            const QDateTime end = QDateTime::fromMSecsSinceEpoch(nowMs).addSecs(*queue.secondsLeft);
            if (*queue.secondsLeft > 60)
                finish = tr("finished around %1").arg(timeText(end.time()));
        }
        const QString speed = queue.bytesPerSecond > 0 ? speedText(queue.bytesPerSecond) : QString();
        return {{StatusMark::Running, false, headline, joined({safeSoFar, speed, finish}), tr("Pause all"), Uploading}, MotionAct::PauseAll};
    }
    const QString unread = totals.unread > 0 ? tr("%Ln folder(s) or file(s) could not be read", nullptr, static_cast<int>(totals.unread)) : QString();
    if (totals.photos > 0 && totals.safe == totals.photos && totals.unread + totals.missed == 0)
        return {{StatusMark::Done, false, allArrived(totals, destination),
                 totals.finishedMs ? tr("Finished %1").arg(whenText(QDateTime::fromMSecsSinceEpoch(*totals.finishedMs),
                                                                    QDateTime::fromMSecsSinceEpoch(nowMs)))
                                   : QString(),
                 tr("Clear finished"), Finished},
                MotionAct::ClearFinished};
    if (totals.photos > 0 || totals.unread + totals.missed > 0)
        return {{StatusMark::Done, false, tr("Ready – nothing is waiting"), joined({safeSoFar, missedText(totals.missed), unread}), tr("Clear finished"), Finished},
                MotionAct::ClearFinished};
    QString detail;
    if (last && last->finishedMs)
        detail = tr("Last upload: %1, %Ln photo(s), finished %2", nullptr, static_cast<int>(last->found - last->skipped))
                     .arg(last->batch.name, whenText(QDateTime::fromMSecsSinceEpoch(*last->finishedMs), QDateTime::fromMSecsSinceEpoch(nowMs)));
    return {{StatusMark::Done, false, tr("Ready – nothing is waiting"), detail, {}, Ready}, MotionAct::None};
}

Verdict VerdictWords::attention(const Totals &totals, const pipeline::QueueState &queue)
{
    if (totals.needsYou == 0 && totals.missed > 0)
        return {StatusMark::Failed, true, missedText(totals.missed), tr("Empty, too large, or a photo only by name"), tr("Show them"), Missed};
    if (totals.needsYou == 0) {
        // One that failed and was let be is over; and what could not be read, nobody knows.
        const bool isAllWell = totals.folders > 0 && totals.dismissed + totals.unread == 0;
        const QString detail = isAllWell ? tr("No photo of these folders failed") : tr("No photo is waiting for help");
        return {StatusMark::Done, false, tr("Nothing needs you"), detail, {}, Quiet};
    }
    QString detail = tr("All others continue");
    const bool isServerAway = queue.hold == Hold::None && RowWords::isAtRest(queue);
    if (queue.hold == Hold::Offline || queue.hold == Hold::ServerUnreachable || isServerAway)
        detail = tr("You can fix them while you wait");
    else if (queue.hold != Hold::None)
        detail = tr("All others wait");
    else if (totals.moving + totals.waiting == 0)
        detail = tr("All others have ended");
    return {StatusMark::Failed, true, tr("%Ln photo(s) need you", nullptr, static_cast<int>(totals.needsYou)), detail, tr("Show them"), Needed};
}

} // namespace photolift::ui
