#include "app/cli/report.h"

#include "models/photo/kind.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {

/// Skipped, and a person may miss it.
bool isMissed(const FileReport &file)
{
    return file.status == "skipped"_L1 && file.errorCode
        && photo::severityWhenSkipped(*file.errorCode, file.path) >= photo::MissedSeverity;
}

template <typename T> QJsonValue valueOrNull(const std::optional<T> &value)
{
    return value ? QJsonValue(*value) : QJsonValue();
}

QJsonObject stageJson(const StageRecord &stage)
{
    return {{u"stage"_s, QString(stageName(stage.stage))},
            {u"started_ms"_s, stage.startedMs},
            {u"ended_ms"_s, valueOrNull(stage.endedMs)},
            {u"duration_ms"_s, valueOrNull(stage.durationMs)},
            {u"is_successful"_s, valueOrNull(stage.isSuccessful)},
            {u"retry_count"_s, stage.retryCount}};
}

QJsonArray stagesJson(const QList<StageRecord> &stages)
{
    QJsonArray array;
    for (const StageRecord &stage : stages)
        array.append(stageJson(stage));
    return array;
}

} // namespace

QString statusWord(ItemState state)
{
    switch (state) {
    case ItemState::Succeeded:
        return u"succeeded"_s;
    case ItemState::Duplicate:
        return u"duplicate"_s;
    case ItemState::Skipped:
        return u"skipped"_s;
    case ItemState::Cancelled:
        return u"cancelled"_s;
    case ItemState::NeedsYou:
    case ItemState::Dismissed:
    case ItemState::Queued:
    case ItemState::Running:
    case ItemState::WaitingToRetry:
        break;
    }
    return u"failed"_s;
}

FileReport reportOf(const store::ItemDetail &detail, std::optional<ErrorCode> queueWaitsFor)
{
    const store::Item &item = detail.view.item;
    FileReport file;
    file.path = item.absolutePath;
    file.status = statusWord(item.state);
    file.clientUploadId = item.clientUploadId;
    file.sha256 = item.sha256;
    file.size = item.identity.size;
    const bool hasSucceeded = item.state == ItemState::Succeeded || item.state == ItemState::Duplicate;
    file.errorCode = hasSucceeded ? std::nullopt : item.errorCode;
    const bool isWaiting = !isEnded(item.state);
    if (isWaiting && !file.errorCode) // it waits with all the others
        file.errorCode = queueWaitsFor;
    if (detail.attempts.isEmpty())
        return file;
    const store::AttemptView &newest = detail.attempts.first();
    file.stages = newest.stages;
    if (isWaiting && !file.errorCode && !newest.errors.isEmpty()) // between two tries, or in one
        file.errorCode = newest.errors.last().code;
    return file;
}

void Summary::count(const FileReport &file)
{
    ++m_found;
    if (file.status == "succeeded"_L1)
        ++m_succeeded;
    else if (file.status == "duplicate"_L1)
        ++m_duplicate;
    else if (file.status == "cancelled"_L1)
        ++m_cancelled;
    else if (file.status == "failed"_L1)
        ++m_failed;
    else
        ++m_skipped;
    m_queued += file.status == "queued"_L1 ? 1 : 0;
    m_missed += isMissed(file) ? 1 : 0;
    const bool isGood = file.status == "succeeded"_L1 || file.status == "duplicate"_L1 || file.status == "queued"_L1
        || (file.status == "skipped"_L1 && file.errorCode && !isMissed(file));
    m_isGood = m_isGood && isGood;
}

QJsonObject Summary::toJson(qint64 bytesSent, std::optional<double> verifiedSeconds) const
{
    return {{u"event"_s, u"summary"_s},
            {u"found"_s, m_found},
            {u"succeeded"_s, m_succeeded},
            {u"duplicate"_s, m_duplicate},
            {u"failed"_s, m_failed},
            {u"skipped"_s, m_skipped},
            {u"cancelled"_s, m_cancelled},
            {u"bytes"_s, bytesSent},
            {u"verified_s"_s, valueOrNull(verifiedSeconds)}};
}

QString Summary::skippedText() const
{
    const QString skipped = u"%1 skipped"_s.arg(m_skipped - m_queued);
    return m_missed == 0 ? skipped : skipped + u" (look at %1 of them)"_s.arg(m_missed);
}

QString Summary::toText(qint64 bytesSent) const
{
    return u"%1 files: %2 copied, %3 already there, %4 failed, %5, %6 cancelled; %7 MB sent\n"_s
        .arg(m_found)
        .arg(m_succeeded)
        .arg(m_duplicate)
        .arg(m_failed)
        .arg(skippedText())
        .arg(m_cancelled)
        .arg(static_cast<double>(bytesSent) / 1e6, 0, 'f', 1);
}

QString Summary::toDryText() const
{
    return u"%1 files: %2 would be uploaded, %3, %4 cannot be read; nothing was sent\n"_s
        .arg(m_found)
        .arg(m_queued)
        .arg(skippedText())
        .arg(m_failed);
}

QJsonObject toJson(const FileReport &file)
{
    QJsonObject object{{u"client_upload_id"_s, file.clientUploadId.isNull() ? QJsonValue() : idText(file.clientUploadId)},
                       {u"status"_s, file.status},
                       {u"sha256"_s, file.sha256.isEmpty() ? QJsonValue() : file.sha256},
                       {u"size"_s, file.size},
                       {u"error_code"_s, file.errorCode ? QJsonValue(QString(errorName(*file.errorCode))) : QJsonValue()},
                       {u"stages"_s, file.stages.isEmpty() ? QJsonValue() : QJsonValue(stagesJson(file.stages))}};
    insertPath(object, file.path);
    return object;
}

QJsonObject toJson(const store::AttemptView &view)
{
    QJsonArray errors;
    for (const ErrorRecord &error : view.errors) {
        errors.append(QJsonObject{{u"error_code"_s, QString(errorName(error.code))},
                                  {u"stage"_s, error.stage ? QJsonValue(QString(stageName(*error.stage))) : QJsonValue()},
                                  {u"happened_ms"_s, error.happenedMs},
                                  {u"is_fatal"_s, error.isFatal},
                                  {u"context"_s, error.context}});
    }
    const AttemptRecord &attempt = view.attempt;
    return {{u"client_upload_id"_s, idText(attempt.clientUploadId)},
            {u"item_id"_s, idText(attempt.itemId)},
            {u"attempt_number"_s, attempt.attemptNumber},
            {u"relative_path"_s, attempt.relativePath},
            {u"status"_s, QString(statusName(attempt.status))},
            {u"started_ms"_s, attempt.startedMs},
            {u"ended_ms"_s, valueOrNull(attempt.endedMs)},
            {u"total_duration_ms"_s, valueOrNull(attempt.totalDurationMs)},
            {u"size"_s, attempt.fileSize},
            {u"stages"_s, stagesJson(view.stages)},
            {u"errors"_s, errors}};
}

QString toText(const FileReport &file)
{
    if (file.status == "cancelled"_L1)
        return {};
    if (!file.errorCode && file.status == "failed"_L1) // nothing is wrong with it, only it took longer
        return u"failed  %1\n    It is still under way and stays in the queue.\n"_s.arg(displayName(textFromPath(file.path)));
    if (!file.errorCode)
        return {};
    return u"%1  %2\n    %3 (%4)\n"_s.arg(file.status, displayName(textFromPath(file.path)), sentenceFor(*file.errorCode),
                                           QString(errorName(*file.errorCode)));
}

QString sentenceFor(ErrorCode code)
{
    const ErrorInfo &info = errorInfo(code);
    const QString advice = QString::fromUtf8(info.advice);
    return QString::fromUtf8(info.title) + (advice.isEmpty() ? QString() : u". "_s + advice);
}

QString sentenceAtStart(const Error &error, const QString &dataFolder)
{
    if (error.code != ErrorCode::LocalDiskError)
        return sentenceFor(error.code);
    return u"Photolift cannot use its folder %1 (%2). Check that it can be written to and that its disk works"_s.arg(displayName(dataFolder),
                                                                                                                 displayName(error.detail));
}

QJsonObject leftOutEvent(const QByteArray &path, ErrorCode code)
{
    QJsonObject object{{u"event"_s, u"left_out"_s}, {u"error_code"_s, QString(errorName(code))}};
    insertPath(object, path);
    return object;
}

QString lineOf(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)) + u'\n';
}

void printLine(QTextStream &out, const QJsonObject &object)
{
    out << lineOf(object) << Qt::flush;
}

void insertPath(QJsonObject &object, const QByteArray &path)
{
    object.insert(u"path"_s, isUtf8(path) ? QString::fromUtf8(path) : textFromPath(path)); // as inspect has it
    if (!isUtf8(path))
        object.insert(u"path_base64"_s, QString::fromLatin1(path.toBase64()));
}

} // namespace photolift::cli
