#include "models/store/jsonkeys.h"

#include <QLoggingCategory>
#include <QMutex>
#include <QSet>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

Q_LOGGING_CATEGORY(lcKeys, "photolift.store.keys")

constexpr auto Keys = std::to_array<JsonKey>({
    {JsonColumn::UploadMetadata, "source_modified_ms"_L1, "Unix ms"_L1},
    {JsonColumn::UploadMetadata, "sha256"_L1, "hex"_L1},
    {JsonColumn::UploadMetadata, "queued_ms"_L1, "ms"_L1},
    {JsonColumn::UploadMetadata, "paused_ms"_L1, "ms"_L1},
    {JsonColumn::UploadMetadata, "waited_ms"_L1, "ms"_L1},
    {JsonColumn::UploadMetadata, "restarts"_L1, "count"_L1},
    {JsonColumn::UploadMetadata, "file_restarts"_L1, "count"_L1},
    {JsonColumn::UploadMetadata, "server_offset_ms"_L1, "ms"_L1},
    {JsonColumn::UploadMetadata, "clock_skew"_L1, "ms"_L1},
    {JsonColumn::UploadMetadata, "network_change"_L1, "text"_L1},
    {JsonColumn::UploadMetadata, "cancel_asked_ms"_L1, "Unix ms"_L1},
    {JsonColumn::UploadMetadata, "duplicate_of"_L1, "uuid"_L1},
    {JsonColumn::UploadMetadata, "name_unusable"_L1, "truth"_L1},
    {JsonColumn::UploadMetadata, "left_for_server"_L1, "truth"_L1},
    {JsonColumn::StageMetadata, "dns_us"_L1, "us"_L1},
    {JsonColumn::StageMetadata, "connect_us"_L1, "us"_L1},
    {JsonColumn::StageMetadata, "tls_us"_L1, "us"_L1},
    {JsonColumn::StageMetadata, "first_byte_us"_L1, "us"_L1},
    {JsonColumn::StageMetadata, "total_us"_L1, "us"_L1},
    {JsonColumn::StageMetadata, "rtt_us"_L1, "us"_L1},
    {JsonColumn::StageMetadata, "retransmits"_L1, "count"_L1},
    {JsonColumn::StageMetadata, "local_port"_L1, "number"_L1},
    {JsonColumn::StageMetadata, "sent_bytes"_L1, "bytes"_L1},
    {JsonColumn::StageMetadata, "is_reused"_L1, "truth"_L1},
    {JsonColumn::StageMetadata, "requests"_L1, "count"_L1},
    {JsonColumn::StageMetadata, "parts"_L1, "count"_L1},
    {JsonColumn::StageMetadata, "parts_resumed"_L1, "count"_L1},
    {JsonColumn::StageMetadata, "bytes_sent"_L1, "bytes"_L1},
    {JsonColumn::StageMetadata, "part_bytes"_L1, "bytes"_L1},
    {JsonColumn::StageMetadata, "outcome"_L1, "text"_L1},
    {JsonColumn::StageMetadata, "looks"_L1, "count"_L1},
    {JsonColumn::StageMetadata, "hash_ms"_L1, "ms"_L1},
    {JsonColumn::StageMetadata, "metadata_ms"_L1, "ms"_L1},
    {JsonColumn::StageMetadata, "stored_sha256"_L1, "hex"_L1},
    {JsonColumn::StageMetadata, "stored_bytes"_L1, "bytes"_L1},
    {JsonColumn::StageMetadata, "reread_ms"_L1, "ms"_L1},
    {JsonColumn::StageMetadata, "worker"_L1, "text"_L1},
    {JsonColumn::StageMetadata, "thumbnail_bytes"_L1, "bytes"_L1},
    {JsonColumn::StageMetadata, "rendition_bytes"_L1, "bytes"_L1},
    {JsonColumn::ErrorContext, "code"_L1, "text"_L1},
    {JsonColumn::ErrorContext, "stage"_L1, "text"_L1},
    {JsonColumn::ErrorContext, "attempt"_L1, "count"_L1},
    {JsonColumn::ErrorContext, "http"_L1, "number"_L1},
    {JsonColumn::ErrorContext, "os_errno"_L1, "number"_L1},
    {JsonColumn::ErrorContext, "signal"_L1, "number"_L1},
    {JsonColumn::ErrorContext, "qt_error"_L1, "number"_L1},
    {JsonColumn::ErrorContext, "curl_code"_L1, "number"_L1},
    {JsonColumn::ErrorContext, "sqlstate"_L1, "text"_L1},
    {JsonColumn::ErrorContext, "sqlite"_L1, "number"_L1},
    {JsonColumn::ErrorContext, "s3_code"_L1, "text"_L1},
    {JsonColumn::ErrorContext, "request_id"_L1, "text"_L1},
    {JsonColumn::ErrorContext, "retry_after_ms"_L1, "ms"_L1},
    {JsonColumn::ErrorContext, "part"_L1, "number"_L1},
    {JsonColumn::ExtractedMetadata, "make"_L1, "text"_L1},
    {JsonColumn::ExtractedMetadata, "model"_L1, "text"_L1},
    {JsonColumn::ExtractedMetadata, "taken"_L1, "text"_L1},
    {JsonColumn::ExtractedMetadata, "offset"_L1, "text"_L1},
    {JsonColumn::ExtractedMetadata, "sub_seconds"_L1, "text"_L1},
    {JsonColumn::ExtractedMetadata, "orientation"_L1, "1-8"_L1},
    {JsonColumn::ExtractedMetadata, "latitude"_L1, "degrees"_L1},
    {JsonColumn::ExtractedMetadata, "longitude"_L1, "degrees"_L1},
    {JsonColumn::ExtractedMetadata, "altitude"_L1, "m"_L1},
    {JsonColumn::ExtractedMetadata, "iso"_L1, "number"_L1},
    {JsonColumn::ExtractedMetadata, "f_number"_L1, "number"_L1},
    {JsonColumn::ExtractedMetadata, "exposure_time"_L1, "s"_L1},
    {JsonColumn::ExtractedMetadata, "focal_length"_L1, "mm"_L1},
    {JsonColumn::ExtractedMetadata, "lens"_L1, "text"_L1},
    {JsonColumn::ExtractedMetadata, "color_profile"_L1, "text"_L1},
    {JsonColumn::ExtractedMetadata, "pages"_L1, "count"_L1},
    {JsonColumn::ExtractedMetadata, "width"_L1, "pixels"_L1},
    {JsonColumn::ExtractedMetadata, "height"_L1, "pixels"_L1},
    {JsonColumn::ExtractedMetadata, "note"_L1, "text"_L1},
    {JsonColumn::ExtractedMetadata, "ending_disagrees"_L1, "text"_L1},
    {JsonColumn::ProcessingParameters, "thumbnail_pixels"_L1, "pixels"_L1},
    {JsonColumn::ProcessingParameters, "rendition_pixels"_L1, "pixels"_L1},
    {JsonColumn::ProcessingParameters, "rendition_quality"_L1, "1-100"_L1},
    {JsonColumn::ProcessingParameters, "decoder"_L1, "text"_L1},
    {JsonColumn::TypeSpecificAttributes, "is_raw"_L1, "truth"_L1},
    {JsonColumn::TypeSpecificAttributes, "is_sidecar"_L1, "truth"_L1},
    {JsonColumn::Metrics, "queue_waiting"_L1, "count"_L1},
    {JsonColumn::Metrics, "queue_waiting_to_retry"_L1, "count"_L1},
    {JsonColumn::Metrics, "queue_paused"_L1, "count"_L1},
    {JsonColumn::Metrics, "queue_running"_L1, "count"_L1},
    {JsonColumn::Metrics, "queue_needs_you"_L1, "count"_L1},
    {JsonColumn::Metrics, "oldest_wait_ms"_L1, "ms"_L1},
    {JsonColumn::Metrics, "outbox_depth"_L1, "count"_L1},
    {JsonColumn::Metrics, "free_disk_mb"_L1, "MB"_L1},
    {JsonColumn::Metrics, "battery_percent"_L1, "0-100"_L1},
    {JsonColumn::Metrics, "on_battery"_L1, "0 or 1"_L1},
    {JsonColumn::Metrics, "low_power_mode"_L1, "0 or 1"_L1},
    {JsonColumn::Metrics, "free_memory_mb"_L1, "MB"_L1},
    {JsonColumn::Metrics, "load_1m"_L1, "number"_L1},
    {JsonColumn::Metrics, "is_start"_L1, "0 or 1"_L1},
    {JsonColumn::Metrics, "is_stop"_L1, "0 or 1"_L1},
});

} // namespace

std::span<const JsonKey> documentedKeys()
{
    return Keys;
}

QLatin1StringView columnName(JsonColumn column)
{
    switch (column) {
    case JsonColumn::UploadMetadata:
        return "upload_metadata"_L1;
    case JsonColumn::StageMetadata:
        return "stage_metadata"_L1;
    case JsonColumn::ErrorContext:
        return "error_context"_L1;
    case JsonColumn::ExtractedMetadata:
        return "extracted_metadata"_L1;
    case JsonColumn::ProcessingParameters:
        return "processing_parameters"_L1;
    case JsonColumn::UserPreferences:
        return "user_preferences"_L1;
    case JsonColumn::FeatureFlags:
        return "feature_flags"_L1;
    case JsonColumn::TypeSpecificAttributes:
        return "type_specific_attributes"_L1;
    case JsonColumn::Metrics:
        return "metrics"_L1;
    }
    return {};
}

QStringList undocumentedKeys(JsonColumn column, const QJsonObject &object)
{
    QStringList unknown;
    for (auto it = object.begin(); it != object.end(); ++it) {
        const bool isKnown =
            std::any_of(Keys.begin(), Keys.end(), [&](const JsonKey &key) { return key.column == column && it.key() == key.name; });
        if (!isKnown)
            unknown.append(it.key());
    }
    return unknown;
}

void noteUndocumentedKeys(JsonColumn column, const QJsonObject &object)
{
    const QStringList unknown = undocumentedKeys(column, object);
    if (unknown.isEmpty())
        return;
    static QMutex mutex; // guards noted
    static QSet<QString> noted;
    const QMutexLocker lock(&mutex);
    for (const QString &key : unknown) {
        // A peer of another version may send many: the set must not grow without end.
        if (const QString name = columnName(column) + u'.' + key; noted.size() < 256 && !noted.contains(name)) {
            noted.insert(name);
            qCWarning(lcKeys) << "a JSON key without documentation:" << name;
        }
    }
}

} // namespace photolift::store
