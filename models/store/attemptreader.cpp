#include "models/store/attemptreader.h"

#include "models/store/itemreader.h"
#include "models/store/rowcursor.h"

#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

/// Key 0 is "unknown": what stands there was never said.
QString unlessUnknown(qint64 key, const QString &text)
{
    return key == 0 ? QString() : text;
}

/// What surroundingsFrom() takes, of the fact that is `a`.
const QString SurroundingsColumns =
    u"u.user_key, u.user_id, d.device_key, d.device_id, d.device_model, d.device_manufacturer, d.device_type, d.os_name, d.os_version, "
    "d.camera_megapixels, d.processor_type, d.memory_mb, d.has_low_power_mode, v.app_version_key, v.app_version_number, "
    "v.build_number, v.release_date, v.platform, v.is_beta_version, v.feature_flags, n.connection_type, n.carrier_name, "
    "n.network_subtype, n.signal_strength, n.typical_bandwidth_kbps, n.typical_latency_ms "_s;
const QString SurroundingsTables =
    u"JOIN dim_users u ON u.user_key = a.user_key JOIN dim_devices d ON d.device_key = a.device_key "
    "JOIN dim_app_versions v ON v.app_version_key = a.app_version_key "
    "JOIN dim_network_connections n ON n.network_connection_key = a.network_connection_key "_s;

Surroundings surroundingsFrom(RowCursor &cells)
{
    Surroundings s;
    const qint64 userKey = cells.number();
    s.userId = unlessUnknown(userKey, cells.text());
    const qint64 deviceKey = cells.number();
    s.device.deviceId = unlessUnknown(deviceKey, cells.text());
    s.device.model = cells.text();
    s.device.manufacturer = cells.text();
    s.device.type = cells.text();
    s.device.osName = cells.text();
    s.device.osVersion = cells.text();
    s.device.cameraMegapixels = cells.maybe<double>();
    s.device.processorType = cells.text();
    s.device.memoryMb = cells.maybe<int>();
    s.device.hasLowPowerMode = cells.maybe<bool>();
    const qint64 appKey = cells.number();
    s.app.version = unlessUnknown(appKey, cells.text());
    s.app.buildNumber = cells.text();
    s.app.releaseDate = cells.text();
    s.app.platform = cells.text();
    s.app.isBeta = cells.flag();
    s.app.featureFlags = cells.json();
    s.network.connectionType = cells.text();
    s.network.carrierName = cells.text();
    s.network.subtype = cells.text();
    s.network.signalStrength = cells.maybe<int>();
    s.network.typicalBandwidthKbps = cells.maybe<int>();
    s.network.typicalLatencyMs = cells.maybe<int>();
    return s;
}

AttemptRecord attemptFrom(const QSqlQuery &row)
{
    RowCursor cells(row);
    AttemptRecord a;
    a.clientUploadId = cells.id();
    a.itemId = cells.id();
    a.attemptNumber = cells.small();
    a.projectId = cells.id();
    a.batchId = cells.id();
    a.relativePath = cells.text();
    a.status = static_cast<Status>(cells.small());
    a.startedMs = cells.number();
    a.endedMs = cells.maybe<qint64>();
    a.totalDurationMs = cells.maybe<qint64>();
    a.fileSize = cells.number();
    a.numPhotosInBatch = cells.maybe<qint64>();
    a.isBatchUpload = cells.flag();
    a.isBackgroundUpload = cells.flag();
    a.metadata = cells.json();
    a.rowVersion = cells.small();
    a.surroundings = surroundingsFrom(cells);
    return a;
}

} // namespace

Result<QList<AttemptRecord>> readAttempts(Statements &statements, const QString &conditions, const QString &tail, const QVariantList &values)
{
    return statements.read(
        u"SELECT a.client_upload_id, a.item_id, a.attempt_number, p.project_id, b.batch_id, a.relative_path, a.upload_status_key, "
        "a.start_timestamp, a.end_timestamp, a.total_duration_ms, a.file_size_bytes, a.num_photos_in_batch, a.is_batch_upload, "
        "a.is_background_upload, a.upload_metadata, a.row_version, "_s
            + SurroundingsColumns + u"FROM fact_upload_attempts a "_s + SurroundingsTables
            + u"JOIN dim_projects p ON p.project_key = a.project_key JOIN dim_batches b ON b.batch_key = a.batch_key "
        "WHERE a.row_version > 0 AND "_s + conditions + u' ' + tail,
        values, attemptFrom);
}

Result<QList<AttemptView>> withStagesAndErrors(Statements &statements, const QList<AttemptRecord> &attempts)
{
    QList<AttemptView> views;
    QHash<QUuid, qsizetype> places;
    for (const AttemptRecord &attempt : attempts) {
        places.insert(attempt.clientUploadId, views.size());
        views.append({attempt, {}, {}});
    }
    const Result<QList<StageRecord>> stages = readStages(statements, places.keys());
    if (!stages)
        return stages.error();
    for (const StageRecord &stage : *stages)
        views[places.value(stage.clientUploadId)].stages << stage;
    const Result<QList<ErrorRecord>> errors = readErrors(statements, places.keys());
    if (!errors)
        return errors.error();
    for (const ErrorRecord &error : *errors)
        views[places.value(error.clientUploadId)].errors << error;
    return views;
}

Result<QList<StageRecord>> readStages(Statements &statements, const QList<QUuid> &clientUploadIds)
{
    auto stages = statements.read(
        u"SELECT a.client_upload_id, s.stage_name, s.stage_start_timestamp, s.stage_end_timestamp, s.stage_duration_ms, s.is_successful, "
        "s.retry_count, s.stage_metadata, s.row_version FROM fact_upload_attempts a JOIN fact_upload_stages s ON s.upload_id = a.upload_id "
        "WHERE s.row_version > 0 AND a.client_upload_id IN (SELECT value FROM json_each(?))"_s,
        {idList(clientUploadIds)}, [](const QSqlQuery &row) {
            RowCursor cells(row);
            StageRecord s;
            s.clientUploadId = cells.id();
            s.stage = cells.stage().value_or(Stage::Selection);
            s.startedMs = cells.number();
            s.endedMs = cells.maybe<qint64>();
            s.durationMs = cells.maybe<qint64>();
            s.isSuccessful = cells.maybe<bool>();
            s.retryCount = cells.small();
            s.metadata = cells.json();
            s.rowVersion = cells.small();
            return s;
        });
    if (stages)
        std::sort(stages->begin(), stages->end(), [](const StageRecord &a, const StageRecord &b) { return a.stage < b.stage; });
    return stages;
}

Result<QList<ErrorRecord>> readErrors(Statements &statements, const QList<QUuid> &clientUploadIds)
{
    return statements.read(
        u"SELECT e.error_uid, a.client_upload_id, s.stage_name, e.error_code, e.error_message, e.error_timestamp, e.error_context, e.is_fatal "
        "FROM fact_upload_attempts a JOIN fact_upload_errors e ON e.upload_id = a.upload_id "
        "LEFT JOIN fact_upload_stages s ON s.stage_id = e.stage_id "
        "WHERE a.client_upload_id IN (SELECT value FROM json_each(?)) ORDER BY e.error_timestamp, e.error_id"_s,
        {idList(clientUploadIds)}, [](const QSqlQuery &row) {
            RowCursor cells(row);
            ErrorRecord e;
            e.errorUid = cells.id();
            e.clientUploadId = cells.id();
            e.stage = cells.stage();
            e.code = errorFromName(cells.text());
            e.message = cells.text();
            e.happenedMs = cells.number();
            e.context = cells.json();
            e.isFatal = cells.flag();
            return e;
        });
}

Result<std::optional<PhotoRecord>> readPhoto(Statements &statements, const QUuid &clientUploadId)
{
    const auto photos = statements.read(
        u"SELECT p.photo_id, t.photo_type_key, t.photo_type_name, t.file_extension, p.mime_type, p.created_timestamp, p.width_pixels, p.height_pixels, "
        "p.file_size_bytes, p.has_location_data, p.extracted_metadata, p.processing_parameters, p.row_version, l.storage_location_key, "
        "l.storage_provider, l.storage_region, l.storage_tier, l.access_pattern "
        "FROM fact_upload_attempts a JOIN dim_photos p ON p.upload_id = a.upload_id "
        "JOIN dim_photo_types t ON t.photo_type_key = p.photo_type_key "
        "JOIN dim_storage_locations l ON l.storage_location_key = p.storage_location_key WHERE a.client_upload_id = ?"_s,
        {idText(clientUploadId)}, [&](const QSqlQuery &row) {
            RowCursor cells(row);
            PhotoRecord p;
            p.clientUploadId = clientUploadId;
            p.photoId = cells.id();
            const qint64 typeKey = cells.number();
            p.typeName = unlessUnknown(typeKey, cells.text());
            p.fileExtension = cells.text();
            p.mimeType = cells.text();
            p.createdMs = cells.maybe<qint64>();
            p.width = cells.maybe<int>();
            p.height = cells.maybe<int>();
            p.fileSize = cells.number();
            p.hasLocation = cells.maybe<bool>();
            p.extracted = cells.json();
            p.processing = cells.json();
            p.rowVersion = cells.small();
            const qint64 locationKey = cells.number();
            QStringList location{cells.text(), cells.text(), cells.text(), cells.text()};
            while (location.size() > 1 && location.last().isEmpty())
                location.removeLast();
            p.storageLocation = unlessUnknown(locationKey, location.join(u'|'));
            return p;
        });
    if (!photos)
        return photos.error();
    return photos->isEmpty() ? std::optional<PhotoRecord>() : std::optional<PhotoRecord>(photos->first());
}

Result<QList<ProjectRecord>> readProjects(Statements &statements)
{
    return statements.read(u"SELECT p.project_id, p.project_name, u.user_id, p.state, p.is_active FROM dim_projects p "
                           "JOIN dim_users u ON u.user_key = p.owner_user_key WHERE p.project_key > 0 AND p.project_name IS NOT NULL "
                           "ORDER BY p.project_key"_s,
                           {}, [](const QSqlQuery &row) {
                               RowCursor cells(row);
                               ProjectRecord p;
                               p.projectId = cells.id();
                               p.name = cells.text();
                               p.ownerUserId = cells.text();
                               p.state = cells.text();
                               p.isActive = cells.flag();
                               return p;
                           });
}

Result<QList<BatchRecord>> readBatchRecords(Statements &statements)
{
    return statements.read(u"SELECT b.batch_id, b.batch_name, p.project_id, b.source_kind, b.source_label, b.created_timestamp, b.num_photos, b.total_bytes "
                           "FROM dim_batches b JOIN dim_projects p ON p.project_key = b.project_key "
                           "WHERE b.batch_key > 0 AND b.created_timestamp IS NOT NULL ORDER BY b.batch_key"_s,
                           {}, [](const QSqlQuery &row) {
                               RowCursor cells(row);
                               BatchRecord b;
                               b.batchId = cells.id();
                               b.name = cells.text();
                               b.projectId = cells.id();
                               b.source = sourceKindFromName(cells.text()).value_or(SourceKind::Drop);
                               b.sourceLabel = cells.text();
                               b.createdMs = cells.number();
                               b.numPhotos = cells.maybe<qint64>();
                               b.totalBytes = cells.maybe<qint64>();
                               return b;
                           });
}

Result<QList<HeartbeatRecord>> readHeartbeats(Statements &statements, const QString &afterId, int limit)
{
    return statements.read(u"SELECT a.heartbeat_id, a.captured_timestamp, a.metrics, "_s + SurroundingsColumns + u"FROM fact_client_heartbeats a "_s
                               + SurroundingsTables + u"WHERE a.heartbeat_id > ? ORDER BY a.heartbeat_id LIMIT ?"_s,
                           {afterId, limit}, [](const QSqlQuery &row) {
                               RowCursor cells(row);
                               HeartbeatRecord h;
                               h.heartbeatId = cells.id();
                               h.capturedMs = cells.number();
                               h.metrics = cells.json();
                               h.surroundings = surroundingsFrom(cells);
                               return h;
                           });
}

Result<QHash<QString, QString>> readSettings(Statements &statements)
{
    const auto pairs = statements.read(u"SELECT key, value FROM settings"_s, {}, [](const QSqlQuery &row) {
        return std::pair(row.value(0).toString(), row.value(1).toString());
    });
    if (!pairs)
        return pairs.error();
    QHash<QString, QString> settings;
    for (const auto &[key, value] : *pairs)
        settings.insert(key, value);
    return settings;
}

} // namespace photolift::store
