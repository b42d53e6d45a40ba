#include "ui/uploads/photoreport.h"

#include "models/vocabulary/ids.h"
#include "ui/parts/errortexts.h"
#include "ui/parts/humantext.h"

namespace photolift::ui {

using namespace Qt::StringLiterals;

QString PhotoReport::attemptWord(Status status)
{
    switch (status) {
    case Status::Succeeded:
        return tr("Done");
    case Status::Duplicate:
        return tr("Already there");
    case Status::Failed:
        return tr("Failed");
    case Status::Cancelled:
        return tr("Cancelled");
    case Status::Queued:
    case Status::Running:
    case Status::Paused:
    case Status::WaitingToRetry:
        break;
    }
    return tr("Under way");
}

QString PhotoReport::stageLine(const StageRecord &stage)
{
    QStringList facts{stage.durationMs ? tr("%1 ms").arg(countText(*stage.durationMs)) : u"–"_s};
    if (stage.retryCount > 0)
        facts << tr("%Ln retry(s)", nullptr, stage.retryCount);
    return u"  %1: %2"_s.arg(stageWord(stage.stage), facts.join(u", "_s));
}

QString PhotoReport::errorLine(const ErrorRecord &error, bool isThisComputer)
{
    // Recorded is the English title, unless there was more to say.
    const bool isTitle = error.message == QString::fromUtf8(errorInfo(error.code).title);
    const QString said = isTitle ? errorTitle(error.code, isThisComputer) : error.message;
    return u"  "_s + QString(errorName(error.code)) + u": "_s + said;
}

QString PhotoReport::of(const store::ItemDetail &detail, bool isThisComputer)
{
    const store::Item &item = detail.view.item;
    QStringList lines{u"Photolift " PHOTOLIFT_VERSION ""_s};
    if (item.errorCode) {
        lines << errorTitle(*item.errorCode, isThisComputer);
        lines << QString(errorName(*item.errorCode));
    }
    for (const store::AttemptView &attempt : detail.attempts) {
        lines << QString() << tr("Attempt %1: %2, %3")
                                  .arg(QString::number(attempt.attempt.attemptNumber), attemptWord(attempt.attempt.status),
                                       idText(attempt.attempt.clientUploadId));
        lines << QDateTime::fromMSecsSinceEpoch(attempt.attempt.startedMs, Qt::UTC).toString(Qt::ISODateWithMs);
        for (const StageRecord &stage : attempt.stages)
            lines << stageLine(stage);
        for (const ErrorRecord &error : attempt.errors)
            lines << errorLine(error, isThisComputer);
    }
    return lines.join(u'\n');
}

} // namespace photolift::ui
