#include "models/store/starwriter.h"

#include "models/store/dimensions.h"
#include "models/store/jsonkeys.h"
#include "models/store/starrules.h"

#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

QVariant idColumn(const QUuid &id)
{
    return id.isNull() ? QVariant() : QVariant(idText(id));
}

} // namespace

class StarWriter::Private
{
public:
    explicit Private(const QSqlDatabase &database)
        : statements(database)
        , dimensions(statements)
    {
    }

    struct Parent {
        qint64 uploadId = 0;
        int dateKey = 0;
    };
    Result<Parent> parent(const QUuid &clientUploadId);
    Result<qint64> stage(const Parent &parent, Stage stage);
    Result<std::optional<qint64>> numPhotosOf(qint64 batchKey);
    Result<Outcome> outcome(const Result<std::optional<qint64>> &applied, int dateKey);

    Statements statements;
    Dimensions dimensions;
};

Result<StarWriter::Private::Parent> StarWriter::Private::parent(const QUuid &clientUploadId)
{
    const qint64 startedMs = instantOf(clientUploadId);
    Parent parent{0, dateKeyOf(startedMs)};
    const QString id = idText(clientUploadId);
    const auto found = statements.number(u"SELECT upload_id FROM fact_upload_attempts WHERE client_upload_id = ? AND date_key = ?"_s,
                                         {id, parent.dateKey});
    if (!found)
        return found.error();
    if (*found) {
        parent.uploadId = **found;
        return parent;
    }
    const auto added = statements.number(
        u"INSERT INTO fact_upload_attempts (client_upload_id, date_key, start_timestamp) VALUES (?, ?, ms(?)) RETURNING upload_id"_s,
        {id, parent.dateKey, startedMs});
    if (!added)
        return added.error();
    parent.uploadId = added->value_or(0);
    return parent;
}

Result<qint64> StarWriter::Private::stage(const Parent &parent, Stage stage)
{
    const QString name(stageName(stage));
    const auto found =
        statements.number(u"SELECT stage_id FROM fact_upload_stages WHERE upload_id = ? AND stage_name = ? AND date_key = ?"_s,
                          {parent.uploadId, name, parent.dateKey});
    if (!found)
        return found.error();
    if (*found)
        return **found;
    const auto added = statements.number(
        u"INSERT INTO fact_upload_stages (upload_id, stage_name, date_key) VALUES (?, ?, ?) RETURNING stage_id"_s,
        {parent.uploadId, name, parent.dateKey});
    if (!added)
        return added.error();
    return added->value_or(0);
}

/// Nothing as long as the batch is not counted.
Result<std::optional<qint64>> StarWriter::Private::numPhotosOf(qint64 batchKey)
{
    const auto counted = statements.number(u"SELECT num_photos FROM dim_batches WHERE batch_key = ? AND num_photos IS NOT NULL"_s, {batchKey});
    if (!counted || *counted || batchKey == 0 || statements.engine() == Engine::Sqlite)
        return counted;
    // Whoever counts it meanwhile waits, and then sees the attempt that is written now; whoever was faster is seen here (READ COMMITTED).
    const auto held = statements.number(u"SELECT 1 FROM dim_batches WHERE batch_key = ? AND num_photos IS NULL FOR SHARE"_s, {batchKey});
    if (!held || *held)
        return held ? Result<std::optional<qint64>>(std::nullopt) : Result<std::optional<qint64>>(held.error());
    return statements.number(u"SELECT num_photos FROM dim_batches WHERE batch_key = ? AND num_photos IS NOT NULL"_s, {batchKey});
}

Result<StarWriter::Outcome> StarWriter::Private::outcome(const Result<std::optional<qint64>> &applied, int dateKey)
{
    if (!applied)
        return applied.error();
    if (!*applied)
        return Outcome::Repeated;
    // SQLite has one writer: a mark seen here cannot be the one a refresh is about to take. PostgreSQL needs the plain list.
    const Result<int> marked = statements.engine() == Engine::Sqlite
        ? statements.write(u"INSERT INTO ops_dirty_day (date_key) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM ops_dirty_day WHERE date_key = ?)"_s,
                           {dateKey, dateKey})
        : statements.write(u"INSERT INTO ops_dirty_day (date_key) VALUES (?)"_s, {dateKey});
    if (!marked)
        return marked.error();
    return Outcome::Applied;
}

StarWriter::StarWriter(const QSqlDatabase &database)
    : d(std::make_unique<Private>(database))
{
}

StarWriter::~StarWriter() = default;

Result<StarWriter::Outcome> StarWriter::write(const ProjectRecord &project, const QUuid &eventId)
{
    if (const Result<> fits = fitsTheStar(project); !fits)
        return fits.error();
    // Looked at before it is written: photos of one project at a time would wait for each other at its row, only to leave it as it is.
    if (eventId.isNull()) {
        const auto known =
            d->statements.number(u"SELECT 1 FROM dim_projects WHERE project_id = ? AND project_name IS NOT NULL"_s, {idText(project.projectId)});
        if (!known || *known)
            return known ? Result<Outcome>(Outcome::Repeated) : known.error();
    }
    const Result<qint64> owner = d->dimensions.user(project.ownerUserId);
    if (!owner)
        return owner.error();
    const auto applied = d->statements.number(
        u"INSERT INTO dim_projects AS t (project_id, project_name, owner_user_key, state, is_active, event_id) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (project_id) DO UPDATE SET project_name = excluded.project_name, owner_user_key = excluded.owner_user_key, "
        "state = excluded.state, is_active = excluded.is_active, event_id = excluded.event_id "
        "WHERE t.event_id < excluded.event_id OR t.project_name IS NULL OR (t.event_id IS NULL AND excluded.event_id IS NOT NULL) "
        "RETURNING project_key"_s,
        {idText(project.projectId), project.name, *owner, project.state, project.isActive, idColumn(eventId)});
    if (!applied)
        return applied.error();
    return *applied ? Outcome::Applied : Outcome::Repeated;
}

Result<StarWriter::Outcome> StarWriter::write(const BatchRecord &batch, const QUuid &eventId)
{
    if (const Result<> fits = fitsTheStar(batch); !fits)
        return fits.error();
    // Likewise.
    const auto known = d->statements.number(u"SELECT 1 FROM dim_batches WHERE batch_id = ? AND created_timestamp IS NOT NULL"
                                            " AND coalesce(num_photos, -1) >= ? AND coalesce(total_bytes, -1) >= ?"_s,
                                            {idText(batch.batchId), batch.numPhotos.value_or(-1), batch.totalBytes.value_or(-1)});
    if (!known || *known)
        return known ? Result<Outcome>(Outcome::Repeated) : known.error();
    const Result<qint64> project = d->dimensions.project(batch.projectId);
    if (!project)
        return project.error();
    const auto applied = d->statements.number(
        u"INSERT INTO dim_batches AS t (batch_id, batch_name, project_key, source_kind, source_label, created_timestamp, num_photos, "
        "total_bytes, event_id) VALUES (?, ?, ?, ?, ?, ms(?), ?, ?, ?) "
        "ON CONFLICT (batch_id) DO UPDATE SET batch_name = coalesce(t.batch_name, excluded.batch_name), "
        "project_key = CASE t.project_key WHEN 0 THEN excluded.project_key ELSE t.project_key END, "
        "source_kind = coalesce(t.source_kind, excluded.source_kind), source_label = coalesce(t.source_label, excluded.source_label), "
        "created_timestamp = coalesce(t.created_timestamp, excluded.created_timestamp), "
        "num_photos = CASE WHEN coalesce(excluded.num_photos, -1) > coalesce(t.num_photos, -1) THEN excluded.num_photos ELSE t.num_photos END, "
        "total_bytes = CASE WHEN coalesce(excluded.total_bytes, -1) > coalesce(t.total_bytes, -1) THEN excluded.total_bytes ELSE t.total_bytes END, "
        "event_id = CASE WHEN t.event_id IS NULL OR t.event_id < excluded.event_id THEN excluded.event_id ELSE t.event_id END "
        "WHERE t.created_timestamp IS NULL OR coalesce(excluded.num_photos, -1) > coalesce(t.num_photos, -1) "
        "OR coalesce(excluded.total_bytes, -1) > coalesce(t.total_bytes, -1) RETURNING batch_key"_s,
        {idText(batch.batchId), orNull(batch.name), *project, QString(sourceKindName(batch.source)), orNull(batch.sourceLabel),
         batch.createdMs, orNull(batch.numPhotos), orNull(batch.totalBytes), idColumn(eventId)});
    if (!applied)
        return applied.error();
    if (!*applied)
        return Outcome::Repeated;
    if (batch.numPhotos) {
        const Result<int> days = d->statements.write(
            u"INSERT INTO ops_dirty_day (date_key) SELECT DISTINCT date_key FROM fact_upload_attempts WHERE batch_key = ?"_s, {**applied});
        if (!days)
            return days.error();
        const Result<int> filled = d->statements.write(
            u"UPDATE fact_upload_attempts SET (num_photos_in_batch, is_batch_upload) = "
            "(SELECT num_photos, num_photos > 1 FROM dim_batches WHERE batch_key = ?) WHERE batch_key = ?"_s,
            {**applied, **applied});
        if (!filled)
            return filled.error();
    }
    return Outcome::Applied;
}

Result<StarWriter::Outcome> StarWriter::write(const AttemptRecord &attempt, const QUuid &eventId, SameVersion sameVersion, Descriptions descriptions)
{
    if (const Result<> fits = fitsTheStar(attempt); !fits)
        return fits.error();
    noteUndocumentedKeys(JsonColumn::UploadMetadata, attempt.metadata);
    const auto keys = d->dimensions.keys(attempt.surroundings, descriptionOrder(attempt.clientUploadId, attempt.rowVersion));
    if (!keys)
        return keys.error();
    const Result<qint64> project = d->dimensions.project(attempt.projectId);
    if (!project)
        return project.error();
    const Result<qint64> batch = d->dimensions.batch(attempt.batchId);
    if (!batch)
        return batch.error();
    const auto counted = d->numPhotosOf(*batch);
    if (!counted)
        return counted.error();
    const std::optional<qint64> numPhotos = *counted ? *counted : attempt.numPhotosInBatch;
    const bool isBatchUpload = *counted ? **counted > 1 : attempt.isBatchUpload;

    // The instant inside the id, so that the day and the start never disagree.
    const qint64 startedMs = instantOf(attempt.clientUploadId);
    const int dateKey = dateKeyOf(startedMs);
    const auto applied = d->statements.number(
        u"INSERT INTO fact_upload_attempts AS t (client_upload_id, date_key, start_timestamp, user_key, device_key, app_version_key, "
        "network_connection_key, upload_status_key, end_timestamp, total_duration_ms, file_size_bytes, num_photos_in_batch, "
        "is_batch_upload, is_background_upload, upload_metadata, project_key, batch_key, item_id, attempt_number, relative_path, "
        "row_version, event_id) VALUES (?, ?, ms(?), ?, ?, ?, ?, ?, ms(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (client_upload_id{, date_key}) DO UPDATE SET user_key = excluded.user_key, device_key = excluded.device_key, "
        "app_version_key = excluded.app_version_key, network_connection_key = excluded.network_connection_key, "
        "upload_status_key = excluded.upload_status_key, end_timestamp = excluded.end_timestamp, "
        "total_duration_ms = excluded.total_duration_ms, file_size_bytes = excluded.file_size_bytes, "
        "num_photos_in_batch = excluded.num_photos_in_batch, is_batch_upload = excluded.is_batch_upload, "
        "is_background_upload = excluded.is_background_upload, upload_metadata = excluded.upload_metadata, "
        "project_key = excluded.project_key, batch_key = excluded.batch_key, item_id = excluded.item_id, "
        "attempt_number = excluded.attempt_number, relative_path = excluded.relative_path, row_version = excluded.row_version, "
        "event_id = excluded.event_id{, ingest_xid = pg_current_xact_id()} "
        "WHERE t.row_version < excluded.row_version + ? RETURNING upload_id"_s,
        {idText(attempt.clientUploadId), dateKey, startedMs, keys->user, keys->device, keys->app, keys->network,
         static_cast<int>(attempt.status), orNull(attempt.endedMs), orNull(attempt.totalDurationMs), attempt.fileSize, orNull(numPhotos),
         isBatchUpload, attempt.isBackgroundUpload, jsonColumn(attempt.metadata), *project, *batch, idColumn(attempt.itemId),
         attempt.attemptNumber, orNull(attempt.relativePath), attempt.rowVersion, idColumn(eventId),
         sameVersion == SameVersion::Replaces ? 1 : 0});
    if (!applied || descriptions == Descriptions::LeftToTheNext)
        return d->outcome(applied, dateKey);
    if (const Result<> described = d->dimensions.describe(*keys); !described)
        return described.error();
    return d->outcome(applied, dateKey);
}

Result<StarWriter::Outcome> StarWriter::write(const StageRecord &stage, const QUuid &eventId)
{
    if (const Result<> fits = fitsTheStar(stage); !fits)
        return fits.error();
    noteUndocumentedKeys(JsonColumn::StageMetadata, stage.metadata);
    const Result<Private::Parent> parent = d->parent(stage.clientUploadId);
    if (!parent)
        return parent.error();
    const auto applied = d->statements.number(
        u"INSERT INTO fact_upload_stages AS t (upload_id, stage_name, date_key, stage_start_timestamp, stage_end_timestamp, "
        "stage_duration_ms, is_successful, retry_count, stage_metadata, row_version, event_id) VALUES (?, ?, ?, ms(?), ms(?), ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT ({date_key, }upload_id, stage_name) DO UPDATE SET stage_start_timestamp = excluded.stage_start_timestamp, "
        "stage_end_timestamp = excluded.stage_end_timestamp, stage_duration_ms = excluded.stage_duration_ms, "
        "is_successful = excluded.is_successful, retry_count = excluded.retry_count, stage_metadata = excluded.stage_metadata, "
        "row_version = excluded.row_version, event_id = excluded.event_id WHERE t.row_version < excluded.row_version RETURNING stage_id"_s,
        {parent->uploadId, QString(stageName(stage.stage)), parent->dateKey, stage.startedMs, orNull(stage.endedMs),
         orNull(stage.durationMs), orNull(stage.isSuccessful), stage.retryCount, jsonColumn(stage.metadata), stage.rowVersion,
         idColumn(eventId)});
    return d->outcome(applied, parent->dateKey);
}

Result<StarWriter::Outcome> StarWriter::write(const ErrorRecord &error)
{
    if (const Result<> fits = fitsTheStar(error); !fits)
        return fits.error();
    noteUndocumentedKeys(JsonColumn::ErrorContext, error.context);
    const Result<Private::Parent> parent = d->parent(error.clientUploadId);
    if (!parent)
        return parent.error();
    QVariant stageId;
    if (error.stage) {
        const Result<qint64> stage = d->stage(*parent, *error.stage);
        if (!stage)
            return stage.error();
        stageId = *stage;
    }
    const ErrorInfo &info = errorInfo(error.code);
    const QString uid = idText(error.errorUid);
    const auto applied = d->statements.number(
        u"INSERT INTO fact_upload_errors (upload_id, stage_id, error_code, error_message, error_type, error_severity, error_timestamp, "
        "error_context, is_fatal, date_key, error_uid, event_id) VALUES (?, ?, ?, ?, ?, ?, ms(?), ?, ?, ?, ?, ?) "
        "ON CONFLICT (error_uid{, date_key}) DO NOTHING RETURNING error_id"_s,
        {parent->uploadId, stageId, QString(errorName(error.code)), orNull(error.message), QString(errorTypeName(info.type)),
         info.severity, error.happenedMs, jsonColumn(error.context), error.isFatal, parent->dateKey, uid, uid});
    return d->outcome(applied, parent->dateKey);
}

Result<StarWriter::Outcome> StarWriter::write(const PhotoRecord &photo, const QUuid &eventId)
{
    if (const Result<> fits = fitsTheStar(photo); !fits)
        return fits.error();
    noteUndocumentedKeys(JsonColumn::ExtractedMetadata, photo.extracted);
    noteUndocumentedKeys(JsonColumn::ProcessingParameters, photo.processing);
    const Result<Private::Parent> parent = d->parent(photo.clientUploadId);
    if (!parent)
        return parent.error();
    const Result<qint64> type = d->dimensions.photoType(photo.typeName, photo.fileExtension);
    if (!type)
        return type.error();
    const Result<qint64> location = d->dimensions.storageLocation(photo.storageLocation);
    if (!location)
        return location.error();
    const auto applied = d->statements.number(
        u"INSERT INTO dim_photos AS t (upload_id, photo_id, photo_type_key, storage_location_key, created_timestamp, width_pixels, "
        "height_pixels, file_size_bytes, mime_type, has_location_data, extracted_metadata, processing_parameters, date_key, "
        "row_version, event_id) VALUES (?, ?, ?, ?, ms(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT ({date_key, }upload_id) DO UPDATE SET photo_id = excluded.photo_id, photo_type_key = excluded.photo_type_key, "
        "storage_location_key = excluded.storage_location_key, created_timestamp = excluded.created_timestamp, "
        "width_pixels = excluded.width_pixels, height_pixels = excluded.height_pixels, file_size_bytes = excluded.file_size_bytes, "
        "mime_type = excluded.mime_type, has_location_data = excluded.has_location_data, "
        "extracted_metadata = excluded.extracted_metadata, processing_parameters = excluded.processing_parameters, "
        "row_version = excluded.row_version, event_id = excluded.event_id WHERE t.row_version < excluded.row_version RETURNING photo_key"_s,
        {parent->uploadId, idColumn(photo.photoId), *type, *location, orNull(photo.createdMs), orNull(photo.width), orNull(photo.height),
         photo.fileSize, orNull(photo.mimeType), orNull(photo.hasLocation), jsonColumn(photo.extracted), jsonColumn(photo.processing),
         parent->dateKey, photo.rowVersion, idColumn(eventId)});
    return d->outcome(applied, parent->dateKey);
}

Result<StarWriter::Outcome> StarWriter::write(const HeartbeatRecord &heartbeat, qint64 receivedMs)
{
    if (const Result<> fits = fitsTheStar(heartbeat); !fits)
        return fits.error();
    noteUndocumentedKeys(JsonColumn::Metrics, heartbeat.metrics);
    const auto keys = d->dimensions.keys(heartbeat.surroundings, descriptionOrder(heartbeat.heartbeatId, 1));
    if (!keys)
        return keys.error();
    const QString id = idText(heartbeat.heartbeatId);
    const int dateKey = dateKeyOf(heartbeat.capturedMs);
    const auto applied = d->statements.number(
        u"INSERT INTO fact_client_heartbeats (heartbeat_id, device_key, app_version_key, network_connection_key, user_key, "
        "captured_timestamp, received_timestamp, metrics, date_key, event_id) VALUES (?, ?, ?, ?, ?, ms(?), ms(?), ?, ?, ?) "
        "ON CONFLICT (heartbeat_id) DO NOTHING RETURNING 1"_s,
        {id, keys->device, keys->app, keys->network, keys->user, heartbeat.capturedMs,
         receivedMs > 0 ? QVariant(receivedMs) : QVariant(), jsonColumn(heartbeat.metrics), dateKey, id});
    if (const Result<> described = applied ? d->dimensions.describe(*keys) : Result<>(applied.error()); !described)
        return described.error();
    return d->outcome(applied, dateKey);
}

} // namespace photolift::store
