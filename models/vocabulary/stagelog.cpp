#include "models/vocabulary/stagelog.h"

#include "models/vocabulary/correlation.h"

#include <QDateTime>
#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace photolift {

namespace {

void say(const QLoggingCategory &category, const QUuid &clientUploadId, const QString &text)
{
    const CorrelationScope scope(clientUploadId);
    QMessageLogger(nullptr, 0, nullptr, category.categoryName()).info().noquote() << text;
}

} // namespace

void logStage(const QLoggingCategory &category, const StageRecord &stage)
{
    if (!category.isInfoEnabled())
        return;
    QString text = u"stage "_s + stageName(stage.stage);
    if (!stage.endedMs) // the line itself may come a moment later, with the commit of the row
        text += (stage.rowVersion <= 1 ? u" began at "_s : u" goes on, began at "_s)
            + QDateTime::fromMSecsSinceEpoch(stage.startedMs, Qt::UTC).toString(Qt::ISODateWithMs);
    else if (stage.isSuccessful.value_or(false))
        text += " ended"_L1;
    else
        text += " ended without success"_L1;
    if (stage.endedMs && stage.durationMs)
        text += u" after %1 ms"_s.arg(*stage.durationMs);
    if (stage.retryCount > 0)
        text += u", retries: %1"_s.arg(stage.retryCount);
    say(category, stage.clientUploadId, text);
}

void logEnd(const QLoggingCategory &category, const AttemptRecord &attempt)
{
    if (category.isInfoEnabled())
        say(category, attempt.clientUploadId, u"attempt %1 ended: %2"_s.arg(attempt.attemptNumber).arg(statusName(attempt.status)));
}

} // namespace photolift
