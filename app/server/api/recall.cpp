#include "app/server/api/recall.h"

#include "app/server/work/objecttable.h"
#include "app/server/work/purgedids.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

bool Recall::isOf(const QUuid &clientUploadId) const
{
    return instantOf(clientUploadId) < databaseMadeMs;
}

bool Recall::hasLostTheEnd(const Upload &upload, const AttemptRecord &told) const
{
    return isOf(told.clientUploadId) && statusInfo(told.status).isSuccess && !statusInfo(upload.attempt.status).isSuccess;
}

std::optional<std::pair<QString, qint64>> bytesOf(const AttemptRecord &attempt)
{
    const QString sha256 = attempt.metadata.value("sha256"_L1).toString();
    const auto isHexDigit = [](QChar c) { return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f'); };
    if (!statusInfo(attempt.status).isSuccess || attempt.fileSize <= 0 || sha256.size() != 64 || !std::all_of(sha256.begin(), sha256.end(), isHexDigit))
        return std::nullopt;
    return std::pair(sha256, attempt.fileSize);
}

Result<bool> belongTo(const QSqlDatabase &database, const QString &accountId, const std::pair<QString, qint64> &bytes, bool isOnlyAccount)
{
    const auto known = ObjectTable(database).known(accountId, bytes.first, bytes.second);
    if (!known)
        return known.error();
    return *known ? (*known)->state == ObjectTable::State::Stored : isOnlyAccount;
}

Result<> recall(Writing &writing, const Caller &caller, const AttemptRecord &attempt, const Recall &before, qint64 nowMs)
{
    const auto bytes = bytesOf(attempt);
    if (!bytes)
        return {};
    Upload upload;
    upload.uploadId = QUuid::createUuid();
    upload.accountId = caller.accountId;
    upload.userId = caller.userId;
    upload.deviceId = attempt.surroundings.device.deviceId;
    upload.sha256 = bytes->first;
    upload.size = bytes->second;
    upload.state = UploadState::Recalled;
    upload.touchedMs = nowMs;
    upload.attempt = attempt;
    upload.clientRowVersion = attempt.rowVersion;
    upload.told.status = attempt.status;
    upload.told.rowVersion = attempt.rowVersion;
    upload.told.endedMs = attempt.endedMs;
    upload.told.totalDurationMs = attempt.totalDurationMs;
    // The records as they are now: a purge may have been here since the store was asked.
    const Result<bool> isTheirs = belongTo(writing.database, caller.accountId, *bytes, before.isOnlyAccount);
    if (!isTheirs)
        return isTheirs.error();
    upload.told.isSafe = *isTheirs && before.objects.contains(*bytes);
    if (const Result<> inserted = UploadTable(writing.database).insert(upload); !inserted)
        return inserted;
    if (!upload.told.isSafe)
        return {};
    const ObjectTable objects(writing.database);
    if (const Result<> decided = objects.decide(upload, {}, nowMs); !decided)
        return decided;
    return objects.addAsset(upload, nowMs);
}

Result<bool> isToComeAgain(const QSqlDatabase &database, const Caller &caller, const AttemptRecord &told, const Recall &before)
{
    if (!before.isOf(told.clientUploadId) || !statusInfo(told.status).isSuccess)
        return false;
    const Result<std::optional<Upload>> upload = UploadTable(database).currentOf(told.clientUploadId);
    if (!upload)
        return upload.error();
    if (!*upload || (*upload)->accountId != caller.accountId || (*upload)->state != UploadState::Recalled || (*upload)->told.isSafe)
        return false;
    for (const QUuid &id : {told.clientUploadId, told.itemId}) {
        const Result<std::optional<qint64>> purged = PurgedIds(database).purgedMs(id);
        if (!purged)
            return purged.error();
        if (*purged && instantOf(told.clientUploadId) < **purged)
            return false;
    }
    return true;
}

Result<> recall(Writing &writing, Upload &upload, const PhotoRecord &photo)
{
    upload.photo = photo;
    if (!photo.mimeType.isEmpty())
        upload.mediaType = photo.mimeType;
    if (const Result<> saved = UploadTable(writing.database).save(upload); !saved)
        return saved;
    return ObjectTable(writing.database).index(upload);
}

} // namespace photolift::server
