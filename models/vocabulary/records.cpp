#include "models/vocabulary/records.h"

#include "models/vocabulary/jsonreader.h"
#include "models/vocabulary/jsonvalues.h"
#include "models/vocabulary/nametable.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift {

namespace {

constexpr QLatin1StringView Unknown = "unknown"_L1;

constexpr std::array<NamedValue<SourceKind>, 4> SourceKinds{{{SourceKind::Drop, "drop"_L1},
                                                             {SourceKind::Card, "card"_L1},
                                                             {SourceKind::Watched, "watched"_L1},
                                                             {SourceKind::Cli, "cli"_L1}}};

constexpr std::array DeviceTypes{"desktop"_L1, "laptop"_L1, "tablet"_L1, "phone"_L1, "server"_L1, Unknown};
constexpr std::array ConnectionTypes{"ethernet"_L1, "wifi"_L1, "cellular"_L1, "local"_L1, "other"_L1, Unknown};

/// A newer client may have a word for what is unknown here: its records still count, and the dimension keeps to its list.
template <std::size_t N> QString oneOf(const std::array<QLatin1StringView, N> &words, const QString &given)
{
    return given.isEmpty() || std::find(words.begin(), words.end(), given) != words.end() ? given : QString(Unknown);
}

Result<DeviceFacts> deviceFromJson(const QJsonObject &json, OtherFields others)
{
    JsonReader reader(json, others);
    DeviceFacts facts;
    facts.deviceId = reader.requiredText("device_id"_L1);
    facts.model = reader.text("device_model"_L1);
    facts.manufacturer = reader.text("device_manufacturer"_L1);
    facts.type = oneOf(DeviceTypes, reader.requiredText("device_type"_L1));
    facts.osName = reader.text("os_name"_L1);
    facts.osVersion = reader.text("os_version"_L1);
    facts.cameraMegapixels = reader.number("camera_megapixels"_L1);
    facts.processorType = reader.text("processor_type"_L1);
    facts.memoryMb = reader.smallInteger("memory_mb"_L1);
    facts.hasLowPowerMode = reader.flag("has_low_power_mode"_L1);
    return reader.finish(facts);
}

Result<AppVersionFacts> appFromJson(const QJsonObject &json, OtherFields others)
{
    JsonReader reader(json, others);
    AppVersionFacts facts;
    facts.version = reader.requiredText("app_version_number"_L1);
    facts.buildNumber = reader.text("build_number"_L1);
    facts.releaseDate = reader.text("release_date"_L1);
    facts.platform = reader.text("platform"_L1);
    facts.isBeta = reader.requiredFlag("is_beta_version"_L1);
    facts.featureFlags = reader.object("feature_flags"_L1);
    return reader.finish(facts);
}

Result<NetworkFacts> networkFromJson(const QJsonObject &json, OtherFields others)
{
    JsonReader reader(json, others);
    NetworkFacts facts;
    facts.connectionType = oneOf(ConnectionTypes, reader.requiredText("connection_type"_L1));
    facts.carrierName = reader.text("carrier_name"_L1);
    facts.subtype = reader.text("network_subtype"_L1);
    facts.signalStrength = reader.smallInteger("signal_strength"_L1);
    facts.typicalBandwidthKbps = reader.smallInteger("typical_bandwidth_kbps"_L1);
    facts.typicalLatencyMs = reader.smallInteger("typical_latency_ms"_L1);
    return reader.finish(facts);
}

std::optional<Stage> readStage(JsonReader &reader, QLatin1StringView key)
{
    const QString name = reader.text(key);
    const std::optional<Stage> stage = photolift::stageFromName(name);
    if (!name.isEmpty() && !stage)
        reader.fault(key);
    return stage;
}

} // namespace

QLatin1StringView sourceKindName(SourceKind kind)
{
    return nameOf(SourceKinds, kind);
}

std::optional<SourceKind> sourceKindFromName(QStringView name)
{
    return valueNamed(SourceKinds, name);
}

QJsonObject toJson(const DeviceFacts &facts)
{
    return {{u"device_id"_s, facts.deviceId},
            {u"device_model"_s, textOrNull(facts.model)},
            {u"device_manufacturer"_s, textOrNull(facts.manufacturer)},
            {u"device_type"_s, facts.type},
            {u"os_name"_s, textOrNull(facts.osName)},
            {u"os_version"_s, textOrNull(facts.osVersion)},
            {u"camera_megapixels"_s, valueOrNull(facts.cameraMegapixels)},
            {u"processor_type"_s, textOrNull(facts.processorType)},
            {u"memory_mb"_s, valueOrNull(facts.memoryMb)},
            {u"has_low_power_mode"_s, valueOrNull(facts.hasLowPowerMode)}};
}

QJsonObject toJson(const AppVersionFacts &facts)
{
    return {{u"app_version_number"_s, facts.version},
            {u"build_number"_s, textOrNull(facts.buildNumber)},
            {u"release_date"_s, textOrNull(facts.releaseDate)},
            {u"platform"_s, textOrNull(facts.platform)},
            {u"is_beta_version"_s, facts.isBeta},
            {u"feature_flags"_s, facts.featureFlags}};
}

QJsonObject toJson(const NetworkFacts &facts)
{
    return {{u"connection_type"_s, facts.connectionType},
            {u"carrier_name"_s, textOrNull(facts.carrierName)},
            {u"network_subtype"_s, textOrNull(facts.subtype)},
            {u"signal_strength"_s, valueOrNull(facts.signalStrength)},
            {u"typical_bandwidth_kbps"_s, valueOrNull(facts.typicalBandwidthKbps)},
            {u"typical_latency_ms"_s, valueOrNull(facts.typicalLatencyMs)}};
}

QJsonObject toJson(const Surroundings &surroundings)
{
    return {{u"user_id"_s, surroundings.userId},
            {u"device"_s, toJson(surroundings.device)},
            {u"app_version"_s, toJson(surroundings.app)},
            {u"network"_s, toJson(surroundings.network)}};
}

QJsonObject toJson(const ProjectRecord &project)
{
    return {{u"project_id"_s, idText(project.projectId)},
            {u"project_name"_s, project.name},
            {u"owner_user_id"_s, project.ownerUserId},
            {u"state"_s, project.state},
            {u"is_active"_s, project.isActive}};
}

QJsonObject toJson(const BatchRecord &batch)
{
    return {{u"batch_id"_s, idText(batch.batchId)},
            {u"batch_name"_s, batch.name},
            {u"project_id"_s, idText(batch.projectId)},
            {u"source_kind"_s, QString(sourceKindName(batch.source))},
            {u"source_label"_s, textOrNull(batch.sourceLabel)},
            {u"created_timestamp"_s, batch.createdMs},
            {u"num_photos"_s, valueOrNull(batch.numPhotos)},
            {u"total_bytes"_s, valueOrNull(batch.totalBytes)}};
}

QJsonObject toJson(const AttemptRecord &attempt)
{
    return {{u"client_upload_id"_s, idText(attempt.clientUploadId)},
            {u"item_id"_s, idText(attempt.itemId)},
            {u"attempt_number"_s, attempt.attemptNumber},
            {u"project_id"_s, idOrNull(attempt.projectId)},
            {u"batch_id"_s, idOrNull(attempt.batchId)},
            {u"relative_path"_s, textOrNull(attempt.relativePath)},
            {u"surroundings"_s, toJson(attempt.surroundings)},
            {u"status"_s, QString(statusName(attempt.status))},
            {u"start_timestamp"_s, attempt.startedMs},
            {u"end_timestamp"_s, valueOrNull(attempt.endedMs)},
            {u"total_duration_ms"_s, valueOrNull(attempt.totalDurationMs)},
            {u"file_size_bytes"_s, attempt.fileSize},
            {u"num_photos_in_batch"_s, valueOrNull(attempt.numPhotosInBatch)},
            {u"is_batch_upload"_s, attempt.isBatchUpload},
            {u"is_background_upload"_s, attempt.isBackgroundUpload},
            {u"upload_metadata"_s, attempt.metadata},
            {u"row_version"_s, attempt.rowVersion}};
}

QJsonObject toJson(const StageRecord &stage)
{
    return {{u"client_upload_id"_s, idText(stage.clientUploadId)},
            {u"stage_name"_s, QString(stageName(stage.stage))},
            {u"stage_start_timestamp"_s, stage.startedMs},
            {u"stage_end_timestamp"_s, valueOrNull(stage.endedMs)},
            {u"stage_duration_ms"_s, valueOrNull(stage.durationMs)},
            {u"is_successful"_s, valueOrNull(stage.isSuccessful)},
            {u"retry_count"_s, stage.retryCount},
            {u"stage_metadata"_s, stage.metadata},
            {u"row_version"_s, stage.rowVersion}};
}

QJsonObject toJson(const ErrorRecord &error)
{
    return {{u"error_uid"_s, idText(error.errorUid)},
            {u"client_upload_id"_s, idText(error.clientUploadId)},
            {u"stage_name"_s, error.stage ? QJsonValue(QString(stageName(*error.stage))) : QJsonValue()},
            {u"error_code"_s, QString(errorName(error.code))},
            {u"error_message"_s, textOrNull(error.message)},
            {u"error_timestamp"_s, error.happenedMs},
            {u"error_context"_s, error.context},
            {u"is_fatal"_s, error.isFatal}};
}

QJsonObject toJson(const PhotoRecord &photo)
{
    return {{u"client_upload_id"_s, idText(photo.clientUploadId)},
            {u"photo_id"_s, idText(photo.photoId)},
            {u"photo_type_name"_s, textOrNull(photo.typeName)},
            {u"file_extension"_s, textOrNull(photo.fileExtension)},
            {u"mime_type"_s, textOrNull(photo.mimeType)},
            {u"created_timestamp"_s, valueOrNull(photo.createdMs)},
            {u"width_pixels"_s, valueOrNull(photo.width)},
            {u"height_pixels"_s, valueOrNull(photo.height)},
            {u"file_size_bytes"_s, photo.fileSize},
            {u"has_location_data"_s, valueOrNull(photo.hasLocation)},
            {u"extracted_metadata"_s, photo.extracted},
            {u"processing_parameters"_s, photo.processing},
            {u"storage_location"_s, textOrNull(photo.storageLocation)},
            {u"row_version"_s, photo.rowVersion}};
}

QJsonObject toJson(const HeartbeatRecord &heartbeat)
{
    return {{u"heartbeat_id"_s, idText(heartbeat.heartbeatId)},
            {u"surroundings"_s, toJson(heartbeat.surroundings)},
            {u"captured_timestamp"_s, heartbeat.capturedMs},
            {u"metrics"_s, heartbeat.metrics}};
}

Result<Surroundings> surroundingsFromJson(const QJsonObject &json, OtherFields others)
{
    JsonReader reader(json, others);
    Surroundings surroundings;
    surroundings.userId = reader.requiredText("user_id"_L1);
    surroundings.device = reader.nested(deviceFromJson(reader.object("device"_L1), others));
    surroundings.app = reader.nested(appFromJson(reader.object("app_version"_L1), others));
    surroundings.network = reader.nested(networkFromJson(reader.object("network"_L1), others));
    return reader.finish(surroundings);
}

Result<ProjectRecord> projectFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    ProjectRecord project;
    project.projectId = reader.requiredId("project_id"_L1);
    project.name = reader.requiredText("project_name"_L1);
    project.ownerUserId = reader.requiredText("owner_user_id"_L1);
    project.state = reader.requiredText("state"_L1);
    project.isActive = reader.requiredFlag("is_active"_L1);
    return reader.finish(project);
}

Result<BatchRecord> batchFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    BatchRecord batch;
    batch.batchId = reader.requiredId("batch_id"_L1);
    batch.name = reader.text("batch_name"_L1);
    batch.projectId = reader.requiredId("project_id"_L1);
    const std::optional<SourceKind> source = sourceKindFromName(reader.requiredText("source_kind"_L1));
    reader.check("source_kind"_L1, source.has_value());
    batch.source = source.value_or(SourceKind::Drop);
    batch.sourceLabel = reader.text("source_label"_L1);
    batch.createdMs = reader.requiredInteger("created_timestamp"_L1);
    batch.numPhotos = reader.integer("num_photos"_L1);
    batch.totalBytes = reader.integer("total_bytes"_L1);
    return reader.finish(batch);
}

Result<AttemptRecord> attemptFromJson(const QJsonObject &json, OtherFields others)
{
    JsonReader reader(json, others);
    AttemptRecord attempt;
    attempt.clientUploadId = reader.requiredId("client_upload_id"_L1);
    attempt.itemId = reader.requiredId("item_id"_L1);
    attempt.attemptNumber = reader.requiredSmallInteger("attempt_number"_L1);
    attempt.projectId = reader.id("project_id"_L1);
    attempt.batchId = reader.id("batch_id"_L1);
    attempt.relativePath = reader.text("relative_path"_L1);
    attempt.surroundings = reader.nested(surroundingsFromJson(reader.object("surroundings"_L1), others));
    const std::optional<Status> status = statusFromName(reader.requiredText("status"_L1));
    reader.check("status"_L1, status.has_value());
    attempt.status = status.value_or(Status::Running);
    attempt.startedMs = reader.requiredInteger("start_timestamp"_L1);
    attempt.endedMs = reader.integer("end_timestamp"_L1);
    attempt.totalDurationMs = reader.integer("total_duration_ms"_L1);
    attempt.fileSize = reader.requiredInteger("file_size_bytes"_L1);
    attempt.numPhotosInBatch = reader.integer("num_photos_in_batch"_L1);
    attempt.isBatchUpload = reader.requiredFlag("is_batch_upload"_L1);
    attempt.isBackgroundUpload = reader.requiredFlag("is_background_upload"_L1);
    attempt.metadata = reader.object("upload_metadata"_L1);
    attempt.rowVersion = reader.requiredSmallInteger("row_version"_L1);
    return reader.finish(attempt);
}

Result<StageRecord> stageFromJson(const QJsonObject &json, OtherFields others)
{
    JsonReader reader(json, others);
    StageRecord stage;
    stage.clientUploadId = reader.requiredId("client_upload_id"_L1);
    const std::optional<Stage> name = readStage(reader, "stage_name"_L1);
    reader.check("stage_name"_L1, name.has_value());
    stage.stage = name.value_or(Stage::Selection);
    stage.startedMs = reader.requiredInteger("stage_start_timestamp"_L1);
    stage.endedMs = reader.integer("stage_end_timestamp"_L1);
    stage.durationMs = reader.integer("stage_duration_ms"_L1);
    stage.isSuccessful = reader.flag("is_successful"_L1);
    if (stage.endedMs && !stage.isSuccessful)
        reader.fault("is_successful"_L1);
    stage.retryCount = reader.requiredSmallInteger("retry_count"_L1);
    stage.metadata = reader.object("stage_metadata"_L1);
    stage.rowVersion = reader.requiredSmallInteger("row_version"_L1);
    return reader.finish(stage);
}

Result<ErrorRecord> errorFromJson(const QJsonObject &json, OtherFields others)
{
    JsonReader reader(json, others);
    ErrorRecord error;
    error.errorUid = reader.requiredId("error_uid"_L1);
    error.clientUploadId = reader.requiredId("client_upload_id"_L1);
    error.stage = readStage(reader, "stage_name"_L1);
    error.code = errorFromName(reader.requiredText("error_code"_L1));
    error.message = reader.text("error_message"_L1);
    error.happenedMs = reader.requiredInteger("error_timestamp"_L1);
    error.context = reader.object("error_context"_L1);
    error.isFatal = reader.requiredFlag("is_fatal"_L1);
    return reader.finish(error);
}

Result<PhotoRecord> photoFromJson(const QJsonObject &json, OtherFields others)
{
    JsonReader reader(json, others);
    PhotoRecord photo;
    photo.clientUploadId = reader.requiredId("client_upload_id"_L1);
    photo.photoId = reader.requiredId("photo_id"_L1);
    photo.typeName = reader.text("photo_type_name"_L1);
    photo.fileExtension = reader.text("file_extension"_L1);
    photo.mimeType = reader.text("mime_type"_L1);
    photo.createdMs = reader.integer("created_timestamp"_L1);
    photo.width = reader.smallInteger("width_pixels"_L1);
    photo.height = reader.smallInteger("height_pixels"_L1);
    photo.fileSize = reader.requiredInteger("file_size_bytes"_L1);
    photo.hasLocation = reader.flag("has_location_data"_L1);
    photo.extracted = reader.object("extracted_metadata"_L1);
    photo.processing = reader.object("processing_parameters"_L1);
    photo.storageLocation = reader.text("storage_location"_L1);
    photo.rowVersion = reader.requiredSmallInteger("row_version"_L1);
    return reader.finish(photo);
}

Result<HeartbeatRecord> heartbeatFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = reader.requiredId("heartbeat_id"_L1);
    heartbeat.surroundings = reader.nested(surroundingsFromJson(reader.object("surroundings"_L1)));
    heartbeat.capturedMs = reader.requiredInteger("captured_timestamp"_L1);
    heartbeat.metrics = reader.object("metrics"_L1);
    return reader.finish(heartbeat);
}

} // namespace photolift
