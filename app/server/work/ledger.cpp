#include "app/server/work/ledger.h"

#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

Ledger::Ledger(Writing &writing, Upload &upload)
    : m_writing(writing)
    , m_upload(upload)
{
}

StageRecord *Ledger::stageOf(Stage stage)
{
    for (StageRecord &record : m_upload.told.stages) {
        if (record.stage == stage)
            return &record;
    }
    return nullptr;
}

Result<> Ledger::refresh()
{
    Result<std::optional<Upload>> fresh = UploadTable(m_writing.database).heldById(m_upload.uploadId);
    if (!fresh)
        return fresh.error();
    if (!*fresh)
        return Error{ErrorCode::InternalUnknown, u"the upload is not there any more"_s};
    m_upload = **std::move(fresh);
    return {};
}

Result<> Ledger::enter(Stage stage, qint64 nowMs)
{
    StageRecord *record = stageOf(stage);
    if (record) {
        ++record->retryCount;
        ++record->rowVersion;
        record->endedMs.reset();
        record->isSuccessful.reset();
    } else {
        StageRecord first;
        first.clientUploadId = m_upload.attempt.clientUploadId;
        first.stage = stage;
        first.startedMs = nowMs;
        m_upload.told.stages.append(first);
        record = &m_upload.told.stages.last();
    }
    return withoutValue(m_writing.star.write(*record, newUuid7()));
}

Result<> Ledger::leave(Stage stage, bool isSuccessful, qint64 nowMs, qint64 durationMs, const QJsonObject &metadata)
{
    StageRecord *record = stageOf(stage);
    if (!record)
        return Error{ErrorCode::InternalUnknown, u"a stage that was never entered ended: %1"_s.arg(stageName(stage))};
    // A clock that was set back in between must not give a stage that ends before it began.
    record->endedMs = std::max(nowMs, record->startedMs);
    record->durationMs = record->durationMs.value_or(0) + durationMs;
    record->isSuccessful = isSuccessful;
    ++record->rowVersion;
    for (auto it = metadata.begin(); it != metadata.end(); ++it)
        record->metadata.insert(it.key(), it.value());
    m_upload.attempt.totalDurationMs = m_upload.attempt.totalDurationMs.value_or(0) + durationMs;
    return withoutValue(m_writing.star.write(*record, newUuid7()));
}

Result<> Ledger::countRetry(Stage stage)
{
    StageRecord *record = stageOf(stage);
    if (!record)
        return {};
    ++record->retryCount;
    ++record->rowVersion;
    return withoutValue(m_writing.star.write(*record, newUuid7()));
}

Result<> Ledger::fail(std::optional<Stage> stage, const Error &error, bool isFatal, qint64 nowMs)
{
    ErrorRecord record;
    record.errorUid = newUuid7(nowMs);
    record.clientUploadId = m_upload.attempt.clientUploadId;
    record.stage = stage;
    record.code = error.code;
    record.message = QString::fromUtf8(errorInfo(error.code).title);
    record.happenedMs = nowMs;
    record.isFatal = isFatal;
    record.context = {{u"code"_s, QString(errorName(error.code))}};
    if (stage) {
        // Verification's row is the client's; here it is one piece of work with reception.
        const StageRecord *tried = stageOf(*stage == Stage::Verification ? Stage::Reception : *stage);
        record.context.insert(u"stage"_s, QString(stageName(*stage)));
        record.context.insert(u"attempt"_s, tried ? tried->retryCount + 1 : 1);
    }
    noteCause(record.context, error.cause);
    m_upload.told.errors.append(record);
    return withoutValue(m_writing.star.write(record));
}

Result<> Ledger::complete(PhotoRecord photo)
{
    photo.rowVersion = std::max(photo.rowVersion, m_upload.photo ? m_upload.photo->rowVersion : 0) + 1;
    m_upload.photo = photo;
    m_upload.told.photo = photo;
    return withoutValue(m_writing.star.write(photo, newUuid7()));
}

void Ledger::giveBack()
{
    m_upload.state = UploadState::Returned;
    m_upload.told.isKnown = false;
    m_upload.told.isSafe = false;
}

Result<> Ledger::end(Status status, qint64 nowMs)
{
    AttemptRecord &attempt = m_upload.attempt;
    attempt.status = status;
    attempt.endedMs = std::max(nowMs, attempt.startedMs);
    ++attempt.rowVersion;
    return withoutValue(m_writing.star.write(attempt, newUuid7()));
}

Result<> Ledger::save()
{
    tellAttempt(m_upload);
    return UploadTable(m_writing.database).save(m_upload);
}

} // namespace photolift::server
