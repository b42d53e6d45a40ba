#include "models/store/dimensions.h"
#include "models/store/jsonrows.h"
#include "models/store/phototraits.h"
#include "models/store/starbatch.h"
#include "models/store/starbatchrows.h"

#include "models/vocabulary/ids.h"

#include <algorithm>

namespace photolift::store {

namespace {

void append(JsonRows &rows, const Where &where)
{
    rows.field("u", where.user);
    rows.field("d", where.device);
    rows.field("a", where.app);
    rows.field("w", where.network);
}

/// One list of the parameter: `write` adds the fields of a row behind its number.
template <typename Row, typename Write> void appendList(QByteArray &json, const char *name, const QList<Row> &rows, Write write)
{
    JsonRows list;
    for (qsizetype i = 0; i < rows.size(); ++i) {
        list.begin();
        list.field("n", i + 1);
        write(list, rows.at(i));
        list.end();
    }
    json.append(json.isEmpty() ? "{\"" : ",\"").append(name).append("\":").append(list.json());
}

void appendUpload(JsonRows &row, const QUuid &clientUploadId)
{
    // The instant inside the id, so that the day and the start never disagree.
    const qint64 startedMs = instantOf(clientUploadId);
    row.field("client_upload_id", clientUploadId);
    row.field("date_key", dateKeyOf(startedMs));
    row.field("start_ms", startedMs);
}

} // namespace

QByteArray StarBatch::json() const
{
    QByteArray json;
    appendList(json, "users", d->users.rows(), [](JsonRows &row, const QString &userId) {
        row.field("user_id", userId);
        row.field("account_type", accountTypeOf(userId));
    });
    appendList(json, "devices", d->devices.rows(), [](JsonRows &row, const Described<DeviceFacts> &device) {
        row.field("device_id", device.facts.deviceId);
        row.field("os_name", device.facts.osName);
        row.field("os_version", device.facts.osVersion);
        row.field("device_model", device.facts.model);
        row.field("device_manufacturer", device.facts.manufacturer);
        row.quoted("device_type", device.facts.type);
        row.field("camera_megapixels", device.facts.cameraMegapixels);
        row.field("processor_type", device.facts.processorType);
        row.field("memory_mb", device.facts.memoryMb);
        row.field("has_low_power_mode", device.facts.hasLowPowerMode);
        row.field("described_by", device.by);
    });
    appendList(json, "apps", d->apps.rows(), [](JsonRows &row, const Described<AppVersionFacts> &app) {
        row.field("platform", app.facts.platform);
        row.field("app_version_number", app.facts.version);
        row.field("build_number", app.facts.buildNumber);
        row.field("release_date", app.facts.releaseDate);
        row.field("is_beta_version", app.facts.isBeta);
        row.field("feature_flags", app.facts.featureFlags);
        row.field("described_by", app.by);
    });
    appendList(json, "networks", d->networks.rows(), [](JsonRows &row, const Described<NetworkFacts> &network) {
        row.quoted("connection_type", network.facts.connectionType);
        row.field("carrier_name", network.facts.carrierName);
        row.field("network_subtype", network.facts.subtype);
        row.field("signal_strength", signalKey(network.facts));
        row.field("typical_bandwidth_kbps", network.facts.typicalBandwidthKbps);
        row.field("typical_latency_ms", network.facts.typicalLatencyMs);
        row.quoted("described_by", network.by);
    });
    appendList(json, "types", d->types.rows(), [](JsonRows &row, const std::pair<QString, QString> &type) {
        row.field("photo_type_name", type.first);
        row.field("file_extension", type.second);
        if (const std::optional<PhotoTraits> traits = traitsOfPhotoType(type.first)) {
            row.field("supports_transparency", traits->hasTransparency);
            row.field("is_animated", traits->isAnimated);
            row.field("max_supported_resolution", traits->maxPixels);
            row.field("type_specific_attributes", traits->attributes);
        }
    });
    appendList(json, "locations", d->locations.rows(), [](JsonRows &row, const QStringList &words) {
        row.field("storage_provider", words.at(0));
        row.field("storage_region", words.at(1));
        row.field("storage_tier", words.at(2));
        row.field("access_pattern", words.at(3));
    });
    appendList(json, "project_ids", d->projectIds.rows(), [](JsonRows &row, const QUuid &id) { row.field("project_id", id); });
    appendList(json, "projects", d->projects.rows(), [this](JsonRows &row, const ProjectRow &project) {
        row.field("p", d->projectIds.numberOf(project.record.projectId));
        row.quoted("project_name", project.record.name);
        row.field("u", d->users.numberOf(project.record.ownerUserId));
        row.quoted("state", project.record.state);
        row.field("is_active", project.record.isActive);
        row.field("event_id", project.eventId);
    });
    appendList(json, "batch_ids", d->batchIds.rows(), [](JsonRows &row, const QUuid &id) { row.field("batch_id", id); });
    appendList(json, "batches", d->batches.rows(), [this](JsonRows &row, const BatchRow &batch) {
        row.field("b", d->batchIds.numberOf(batch.record.batchId));
        row.field("batch_name", batch.record.name);
        row.field("p", d->projectIds.numberOf(batch.record.projectId));
        row.field("source_kind", QString(sourceKindName(batch.record.source)));
        row.field("source_label", batch.record.sourceLabel);
        row.field("created_ms", batch.record.createdMs);
        row.field("num_photos", batch.record.numPhotos);
        row.field("total_bytes", batch.record.totalBytes);
        row.field("event_id", batch.eventId);
    });
    appendList(json, "attempts", d->attempts.rows(), [](JsonRows &row, const AttemptRow &told) {
        const AttemptRecord &attempt = told.record;
        appendUpload(row, attempt.clientUploadId);
        append(row, told.where);
        row.field("p", told.project);
        row.field("b", told.batch);
        row.field("status", static_cast<int>(attempt.status));
        row.field("end_ms", attempt.endedMs);
        row.field("total_duration_ms", attempt.totalDurationMs);
        row.field("file_size_bytes", attempt.fileSize);
        row.field("num_photos", attempt.numPhotosInBatch);
        row.field("is_batch", attempt.isBatchUpload);
        row.field("is_background", attempt.isBackgroundUpload);
        row.field("metadata", attempt.metadata);
        row.field("item_id", attempt.itemId);
        row.field("attempt_number", attempt.attemptNumber);
        row.field("relative_path", attempt.relativePath);
        row.field("row_version", attempt.rowVersion);
        row.field("event_id", told.eventId);
        row.field("replaces", told.isReplacing ? 1 : 0);
    });
    appendList(json, "uploads", d->uploads.rows(), [](JsonRows &row, const QUuid &id) { appendUpload(row, id); });
    appendList(json, "stages", d->stages.rows(), [this](JsonRows &row, const Versioned<StageRecord> &told) {
        const StageRecord &stage = told.record;
        row.field("u", d->uploads.numberOf(stage.clientUploadId));
        row.field("stage_name", QString(stageName(stage.stage)));
        row.field("start_ms", stage.startedMs);
        row.field("end_ms", stage.endedMs);
        row.field("duration_ms", stage.durationMs);
        row.field("is_successful", stage.isSuccessful);
        row.field("retry_count", stage.retryCount);
        row.field("metadata", stage.metadata);
        row.field("row_version", stage.rowVersion);
        row.field("event_id", told.eventId);
    });
    appendList(json, "errors", d->errors.rows(), [this](JsonRows &row, const ErrorRecord &error) {
        const ErrorInfo &info = errorInfo(error.code);
        row.field("u", d->uploads.numberOf(error.clientUploadId));
        if (error.stage)
            row.field("stage_name", QString(stageName(*error.stage)));
        row.field("error_code", QString(errorName(error.code)));
        row.field("error_message", error.message);
        row.field("error_type", QString(errorTypeName(info.type)));
        row.field("error_severity", info.severity);
        row.field("happened_ms", error.happenedMs);
        row.field("context", error.context);
        row.field("is_fatal", error.isFatal);
        row.field("error_uid", error.errorUid);
    });
    appendList(json, "photos", d->photos.rows(), [this](JsonRows &row, const Versioned<PhotoRecord> &told) {
        const PhotoRecord &photo = told.record;
        row.field("u", d->uploads.numberOf(photo.clientUploadId));
        row.field("photo_id", photo.photoId);
        row.field("t", d->photoType(photo));
        row.field("l", d->location(photo.storageLocation));
        row.field("created_ms", photo.createdMs);
        row.field("width_pixels", photo.width);
        row.field("height_pixels", photo.height);
        row.field("file_size_bytes", photo.fileSize);
        row.field("mime_type", photo.mimeType);
        row.field("has_location_data", photo.hasLocation);
        row.field("extracted", photo.extracted);
        row.field("processing", photo.processing);
        row.field("row_version", photo.rowVersion);
        row.field("event_id", told.eventId);
    });
    appendList(json, "heartbeats", d->heartbeats.rows(), [](JsonRows &row, const HeartbeatRow &told) {
        row.field("heartbeat_id", told.record.heartbeatId);
        append(row, told.where);
        row.field("captured_ms", told.record.capturedMs);
        if (told.receivedMs > 0)
            row.field("received_ms", told.receivedMs);
        row.field("metrics", told.record.metrics);
        row.field("date_key", dateKeyOf(told.record.capturedMs));
    });
    if (std::any_of(d->attempts.rows().begin(), d->attempts.rows().end(), [](const AttemptRow &row) { return row.isReplacing; }))
        json.append(",\"merged\":1");
    return json + '}';
}

} // namespace photolift::store
