#include "app/server/work/purgedrecord.h"

#include <array>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

using store::JsonColumn;

constexpr auto Keys = std::to_array<StayingKey>({
    {JsonColumn::UploadMetadata, "queued_ms"_L1},
    {JsonColumn::UploadMetadata, "paused_ms"_L1},
    {JsonColumn::UploadMetadata, "waited_ms"_L1},
    {JsonColumn::UploadMetadata, "restarts"_L1},
    {JsonColumn::UploadMetadata, "file_restarts"_L1},
    {JsonColumn::UploadMetadata, "server_offset_ms"_L1},
    {JsonColumn::UploadMetadata, "clock_skew"_L1},
    {JsonColumn::UploadMetadata, "cancel_asked_ms"_L1},
    {JsonColumn::UploadMetadata, "left_for_server"_L1},
    {JsonColumn::StageMetadata, "dns_us"_L1},
    {JsonColumn::StageMetadata, "connect_us"_L1},
    {JsonColumn::StageMetadata, "tls_us"_L1},
    {JsonColumn::StageMetadata, "first_byte_us"_L1},
    {JsonColumn::StageMetadata, "total_us"_L1},
    {JsonColumn::StageMetadata, "rtt_us"_L1},
    {JsonColumn::StageMetadata, "retransmits"_L1},
    {JsonColumn::StageMetadata, "sent_bytes"_L1},
    {JsonColumn::StageMetadata, "is_reused"_L1},
    {JsonColumn::StageMetadata, "requests"_L1},
    {JsonColumn::StageMetadata, "parts"_L1},
    {JsonColumn::StageMetadata, "parts_resumed"_L1},
    {JsonColumn::StageMetadata, "bytes_sent"_L1},
    {JsonColumn::StageMetadata, "part_bytes"_L1},
    {JsonColumn::StageMetadata, "looks"_L1},
    {JsonColumn::StageMetadata, "hash_ms"_L1},
    {JsonColumn::StageMetadata, "metadata_ms"_L1},
    {JsonColumn::StageMetadata, "stored_bytes"_L1},
    {JsonColumn::StageMetadata, "reread_ms"_L1},
    {JsonColumn::StageMetadata, "thumbnail_bytes"_L1},
    {JsonColumn::StageMetadata, "rendition_bytes"_L1},
    {JsonColumn::ErrorContext, "code"_L1},
    {JsonColumn::ErrorContext, "stage"_L1},
    {JsonColumn::ErrorContext, "attempt"_L1},
    {JsonColumn::ErrorContext, "http"_L1},
    {JsonColumn::ErrorContext, "os_errno"_L1},
    {JsonColumn::ErrorContext, "signal"_L1},
    {JsonColumn::ErrorContext, "qt_error"_L1},
    {JsonColumn::ErrorContext, "curl_code"_L1},
    {JsonColumn::ErrorContext, "sqlite"_L1},
    {JsonColumn::ErrorContext, "retry_after_ms"_L1},
    {JsonColumn::ErrorContext, "part"_L1},
});

bool isWord(JsonColumn column, QLatin1StringView key, const QString &text)
{
    if (column != JsonColumn::ErrorContext)
        return false;
    if (key == "stage"_L1)
        return stageFromName(text).has_value();
    return key == "code"_L1 && errorName(errorFromName(text)) == text; // an unknown name becomes another one
}

} // namespace

std::span<const StayingKey> stayingKeys()
{
    return Keys;
}

QJsonObject whatStays(JsonColumn column, const QJsonObject &object)
{
    QJsonObject staying;
    for (const StayingKey &key : Keys) {
        if (key.column != column)
            continue;
        const QJsonValue value = object.value(key.name);
        if (value.isDouble() || value.isBool() || (value.isString() && isWord(column, key.name, value.toString())))
            staying.insert(key.name, value);
    }
    return staying;
}

void purgeNames(AttemptRecord &attempt)
{
    attempt.relativePath.clear();
    attempt.metadata = whatStays(JsonColumn::UploadMetadata, attempt.metadata);
}

void purgeNames(StageRecord &stage)
{
    stage.metadata = whatStays(JsonColumn::StageMetadata, stage.metadata);
}

void purgeNames(ErrorRecord &error)
{
    error.message.clear();
    error.context = whatStays(JsonColumn::ErrorContext, error.context);
}

void purgeNames(PhotoRecord &photo)
{
    photo.fileExtension.clear();
    photo.createdMs.reset();
    photo.width.reset();
    photo.height.reset();
    photo.hasLocation.reset();
    photo.extracted = {};
    photo.processing = {};
}

void purgeNames(BatchRecord &batch)
{
    batch.name.clear();
    batch.sourceLabel.clear();
}

void purgeNames(wire::UploadStatus &told)
{
    told.isKnown = false;
    told.isSafe = false;
    told.storedSha256.clear();
    for (StageRecord &stage : told.stages)
        purgeNames(stage);
    for (ErrorRecord &error : told.errors)
        purgeNames(error);
    if (told.photo)
        purgeNames(*told.photo);
}

} // namespace photolift::server
