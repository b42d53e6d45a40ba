-- One batch of mirrored rows in one call: `given` is what models/store/starbatch.cpp makes of it, an object with one list for each table.
-- In each list a natural key stands once (of several rows with one key the one that wins), n counts from 1, and rows name the dimensions
-- by these numbers; without a number it is key 0. The ends are those of models/store/starwriter.cpp, row by row. Gives back what each row
-- found there before, so that the caller can tell what was new.
--
-- Enough under READ COMMITTED: each row is judged by its version under its own lock. Descriptions of dimensions come last, because every
-- client with the same version of the program shares a row of them. The planner's settings keep the plan that is right for a table of
-- any size: made once for each connection, it must not depend on how much was there on the day it was made.
--
-- How many photos a batch has is looked up once for each batch and not joined to each attempt, as it was before (002). Of a new table, which counts as one of a single
-- row, a plan may read all rows just as well as look for one.
CREATE OR REPLACE FUNCTION ingest_events(given jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
AS $$
DECLARE
    user_keys bigint[];
    device_keys bigint[];
    app_keys bigint[];
    network_keys bigint[];
    type_keys bigint[];
    location_keys bigint[];
    project_keys bigint[];
    batch_keys bigint[];
    batch_sizes bigint[];
    upload_ids bigint[];
    counted bigint[];
    days integer[];
    dirty integer[] := '{}';
    projects_before jsonb;
    batches_before jsonb;
    attempts_before jsonb;
    stages_before jsonb;
    errors_before jsonb;
    photos_before jsonb;
    heartbeats_before jsonb;
BEGIN
    -- Dimensions: found or added.
    INSERT INTO dim_users (user_id, account_type)
    SELECT g.user_id, g.account_type
    FROM jsonb_to_recordset(given -> 'users') AS g (n integer, user_id text, account_type text)
    WHERE NOT EXISTS (SELECT 1 FROM dim_users t WHERE t.user_id = g.user_id)
    ON CONFLICT DO NOTHING;
    user_keys := ARRAY(
        SELECT t.user_key
        FROM jsonb_to_recordset(given -> 'users') AS g (n integer, user_id text)
        LEFT JOIN dim_users t ON t.user_id = g.user_id
        ORDER BY g.n);

    INSERT INTO dim_devices (device_id, os_name, os_version, device_model, device_manufacturer, device_type, camera_megapixels,
        processor_type, memory_mb, has_low_power_mode, described_by)
    SELECT g.device_id, g.os_name, g.os_version, g.device_model, g.device_manufacturer, g.device_type, g.camera_megapixels,
        g.processor_type, g.memory_mb, g.has_low_power_mode, g.described_by
    FROM jsonb_to_recordset(given -> 'devices') AS g (n integer, device_id text, os_name text, os_version text, device_model text,
        device_manufacturer text, device_type text, camera_megapixels double precision, processor_type text, memory_mb bigint,
        has_low_power_mode boolean, described_by text)
    WHERE NOT EXISTS (SELECT 1 FROM dim_devices t WHERE t.device_id = g.device_id AND coalesce(t.os_name, '') = coalesce(g.os_name, '')
        AND coalesce(t.os_version, '') = coalesce(g.os_version, ''))
    ON CONFLICT DO NOTHING;
    device_keys := ARRAY(
        SELECT t.device_key
        FROM jsonb_to_recordset(given -> 'devices') AS g (n integer, device_id text, os_name text, os_version text)
        JOIN dim_devices t ON t.device_id = g.device_id AND coalesce(t.os_name, '') = coalesce(g.os_name, '')
            AND coalesce(t.os_version, '') = coalesce(g.os_version, '')
        ORDER BY g.n);

    INSERT INTO dim_app_versions (platform, app_version_number, build_number, release_date, is_beta_version, feature_flags, described_by)
    SELECT g.platform, g.app_version_number, g.build_number, g.release_date, g.is_beta_version, g.feature_flags, g.described_by
    FROM jsonb_to_recordset(given -> 'apps') AS g (n integer, platform text, app_version_number text, build_number text,
        release_date text, is_beta_version boolean, feature_flags jsonb, described_by text)
    WHERE NOT EXISTS (SELECT 1 FROM dim_app_versions t WHERE coalesce(t.platform, '') = coalesce(g.platform, '')
        AND t.app_version_number = g.app_version_number AND coalesce(t.build_number, '') = coalesce(g.build_number, ''))
    ON CONFLICT DO NOTHING;
    app_keys := ARRAY(
        SELECT t.app_version_key
        FROM jsonb_to_recordset(given -> 'apps') AS g (n integer, platform text, app_version_number text, build_number text)
        JOIN dim_app_versions t ON coalesce(t.platform, '') = coalesce(g.platform, '')
            AND t.app_version_number = g.app_version_number AND coalesce(t.build_number, '') = coalesce(g.build_number, '')
        ORDER BY g.n);

    INSERT INTO dim_network_connections (connection_type, carrier_name, network_subtype, signal_strength, typical_bandwidth_kbps,
        typical_latency_ms, described_by)
    SELECT g.connection_type, g.carrier_name, g.network_subtype, g.signal_strength, g.typical_bandwidth_kbps, g.typical_latency_ms,
        g.described_by
    FROM jsonb_to_recordset(given -> 'networks') AS g (n integer, connection_type text, carrier_name text, network_subtype text,
        signal_strength integer, typical_bandwidth_kbps bigint, typical_latency_ms bigint, described_by text)
    WHERE NOT EXISTS (SELECT 1 FROM dim_network_connections t WHERE t.connection_type = g.connection_type
        AND coalesce(t.carrier_name, '') = coalesce(g.carrier_name, '') AND coalesce(t.network_subtype, '') = coalesce(g.network_subtype, '')
        AND coalesce(t.signal_strength, -1) = coalesce(g.signal_strength, -1))
    ON CONFLICT DO NOTHING;
    network_keys := ARRAY(
        SELECT t.network_connection_key
        FROM jsonb_to_recordset(given -> 'networks') AS g (n integer, connection_type text, carrier_name text, network_subtype text,
            signal_strength integer)
        JOIN dim_network_connections t ON t.connection_type = g.connection_type
            AND coalesce(t.carrier_name, '') = coalesce(g.carrier_name, '')
            AND coalesce(t.network_subtype, '') = coalesce(g.network_subtype, '')
            AND coalesce(t.signal_strength, -1) = coalesce(g.signal_strength, -1)
        ORDER BY g.n);

    INSERT INTO dim_photo_types (photo_type_name, file_extension, supports_transparency, is_animated, max_supported_resolution,
        type_specific_attributes)
    SELECT g.photo_type_name, g.file_extension, g.supports_transparency, g.is_animated, g.max_supported_resolution,
        g.type_specific_attributes
    FROM jsonb_to_recordset(given -> 'types') AS g (n integer, photo_type_name text, file_extension text, supports_transparency boolean,
        is_animated boolean, max_supported_resolution bigint, type_specific_attributes jsonb)
    WHERE NOT EXISTS (SELECT 1 FROM dim_photo_types t WHERE t.photo_type_name = g.photo_type_name
        AND coalesce(t.file_extension, '') = coalesce(g.file_extension, ''))
    ON CONFLICT DO NOTHING;
    type_keys := ARRAY(
        SELECT t.photo_type_key
        FROM jsonb_to_recordset(given -> 'types') AS g (n integer, photo_type_name text, file_extension text)
        JOIN dim_photo_types t ON t.photo_type_name = g.photo_type_name
            AND coalesce(t.file_extension, '') = coalesce(g.file_extension, '')
        ORDER BY g.n);

    INSERT INTO dim_storage_locations (storage_provider, storage_region, storage_tier, access_pattern)
    SELECT g.storage_provider, g.storage_region, g.storage_tier, g.access_pattern
    FROM jsonb_to_recordset(given -> 'locations') AS g (n integer, storage_provider text, storage_region text, storage_tier text,
        access_pattern text)
    WHERE NOT EXISTS (SELECT 1 FROM dim_storage_locations t WHERE t.storage_provider = g.storage_provider
        AND coalesce(t.storage_region, '') = coalesce(g.storage_region, '') AND coalesce(t.storage_tier, '') = coalesce(g.storage_tier, '')
        AND coalesce(t.access_pattern, '') = coalesce(g.access_pattern, ''))
    ON CONFLICT DO NOTHING;
    location_keys := ARRAY(
        SELECT t.storage_location_key
        FROM jsonb_to_recordset(given -> 'locations') AS g (n integer, storage_provider text, storage_region text, storage_tier text,
            access_pattern text)
        JOIN dim_storage_locations t ON t.storage_provider = g.storage_provider
            AND coalesce(t.storage_region, '') = coalesce(g.storage_region, '') AND coalesce(t.storage_tier, '') = coalesce(g.storage_tier, '')
            AND coalesce(t.access_pattern, '') = coalesce(g.access_pattern, '')
        ORDER BY g.n);

    -- Projects and batches: first as whatever they are named by, then what is told of them.
    INSERT INTO dim_projects (project_id)
    SELECT g.project_id FROM jsonb_to_recordset(given -> 'project_ids') AS g (n integer, project_id uuid)
    WHERE NOT EXISTS (SELECT 1 FROM dim_projects t WHERE t.project_id = g.project_id)
    ORDER BY g.project_id
    ON CONFLICT DO NOTHING;
    project_keys := ARRAY(
        SELECT t.project_key
        FROM jsonb_to_recordset(given -> 'project_ids') AS g (n integer, project_id uuid)
        LEFT JOIN dim_projects t ON t.project_id = g.project_id
        ORDER BY g.n);
    -- One without a name may turn out to be one that is known, and go (work/projecttable). It is written here, not only held: whoever removes it meanwhile has
    -- to begin again, and then moves what names it now.
    UPDATE dim_projects t
    SET project_id = t.project_id
    FROM (SELECT h.project_key FROM dim_projects h WHERE h.project_key = ANY (project_keys) AND h.project_name IS NULL
        ORDER BY h.project_key FOR NO KEY UPDATE) AS held
    WHERE t.project_key = held.project_key;
    IF EXISTS (SELECT 1 FROM unnest(project_keys) AS k (key) WHERE k.key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM dim_projects t WHERE t.project_key = k.key)) THEN
        RAISE EXCEPTION 'a project went meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    SELECT jsonb_agg(CASE WHEN t.project_name IS NULL THEN NULL ELSE coalesce(t.event_id::text, '') END ORDER BY g.n)
    INTO projects_before
    FROM jsonb_to_recordset(given -> 'projects') AS g (n integer, p integer)
    JOIN dim_projects t ON t.project_key = project_keys[g.p];
    UPDATE dim_projects t
    SET project_name = g.project_name, owner_user_key = coalesce(user_keys[g.u], 0), state = g.state, is_active = g.is_active,
        event_id = g.event_id
    FROM jsonb_to_recordset(given -> 'projects') AS g (n integer, p integer, project_name text, u integer, state text, is_active boolean,
        event_id uuid)
    WHERE t.project_key = project_keys[g.p] AND (t.event_id < g.event_id OR t.project_name IS NULL OR t.event_id IS NULL);

    INSERT INTO dim_batches (batch_id)
    SELECT g.batch_id FROM jsonb_to_recordset(given -> 'batch_ids') AS g (n integer, batch_id uuid)
    WHERE NOT EXISTS (SELECT 1 FROM dim_batches t WHERE t.batch_id = g.batch_id)
    ORDER BY g.batch_id
    ON CONFLICT DO NOTHING;
    batch_keys := ARRAY(
        SELECT t.batch_key
        FROM jsonb_to_recordset(given -> 'batch_ids') AS g (n integer, batch_id uuid)
        LEFT JOIN dim_batches t ON t.batch_id = g.batch_id
        ORDER BY g.n);
    SELECT jsonb_agg(jsonb_build_array(t.created_timestamp IS NOT NULL, t.num_photos, t.total_bytes) ORDER BY g.n)
    INTO batches_before
    FROM jsonb_to_recordset(given -> 'batches') AS g (n integer, b integer)
    JOIN dim_batches t ON t.batch_key = batch_keys[g.b];
    WITH told AS (
        UPDATE dim_batches t
        SET batch_name = coalesce(t.batch_name, g.batch_name),
            project_key = CASE t.project_key WHEN 0 THEN coalesce(project_keys[g.p], 0) ELSE t.project_key END,
            source_kind = coalesce(t.source_kind, g.source_kind), source_label = coalesce(t.source_label, g.source_label),
            created_timestamp = coalesce(t.created_timestamp, ms(g.created_ms)),
            num_photos = greatest(t.num_photos, g.num_photos), total_bytes = greatest(t.total_bytes, g.total_bytes),
            event_id = greatest(t.event_id, g.event_id)
        FROM jsonb_to_recordset(given -> 'batches') AS g (n integer, b integer, batch_name text, p integer, source_kind text,
            source_label text, created_ms bigint, num_photos bigint, total_bytes bigint, event_id uuid)
        WHERE t.batch_key = batch_keys[g.b]
            AND (t.created_timestamp IS NULL OR coalesce(g.num_photos, -1) > coalesce(t.num_photos, -1)
                OR coalesce(g.total_bytes, -1) > coalesce(t.total_bytes, -1))
        RETURNING t.batch_key, g.num_photos
    )
    SELECT array_agg(told.batch_key) FILTER (WHERE told.num_photos IS NOT NULL) INTO counted FROM told;
    IF counted IS NOT NULL THEN
        WITH filled AS (
            UPDATE fact_upload_attempts t
            SET num_photos_in_batch = b.num_photos, is_batch_upload = b.num_photos > 1
            FROM dim_batches b
            WHERE b.batch_key = ANY (counted) AND t.batch_key = b.batch_key
            RETURNING t.date_key
        )
        SELECT dirty || coalesce(array_agg(DISTINCT filled.date_key), '{}') INTO dirty FROM filled;
    END IF;
    -- Whoever counts one of these batches meanwhile waits, and then sees the attempts that come now.
    PERFORM 1 FROM dim_batches t WHERE t.batch_key = ANY (batch_keys) AND t.num_photos IS NULL ORDER BY t.batch_key FOR SHARE;
    batch_sizes := ARRAY(
        SELECT t.num_photos
        FROM unnest(batch_keys) WITH ORDINALITY AS k (key, n)
        LEFT JOIN dim_batches t ON t.batch_key = k.key
        ORDER BY k.n);

    -- Attempts. `replaces`: their caller has merged two writers' words, so that the version that is there already counts as older; `merged`
    -- when there is one.
    SELECT jsonb_agg(t.row_version ORDER BY g.n) INTO attempts_before
    FROM jsonb_to_recordset(given -> 'attempts') AS g (n integer, client_upload_id uuid, date_key integer)
    LEFT JOIN fact_upload_attempts t ON t.client_upload_id = g.client_upload_id AND t.date_key = g.date_key;
    FOR same_version IN 0..coalesce((given ->> 'merged')::integer, 0) LOOP
        WITH written AS (
            INSERT INTO fact_upload_attempts AS t (client_upload_id, date_key, start_timestamp, user_key, device_key, app_version_key,
                network_connection_key, upload_status_key, end_timestamp, total_duration_ms, file_size_bytes, num_photos_in_batch,
                is_batch_upload, is_background_upload, upload_metadata, project_key, batch_key, item_id, attempt_number, relative_path,
                row_version, event_id)
            SELECT g.client_upload_id, g.date_key, ms(g.start_ms), coalesce(user_keys[g.u], 0), coalesce(device_keys[g.d], 0),
                coalesce(app_keys[g.a], 0), coalesce(network_keys[g.w], 0), g.status, ms(g.end_ms), g.total_duration_ms, g.file_size_bytes,
                coalesce(batch_sizes[g.b], g.num_photos), coalesce(batch_sizes[g.b] > 1, g.is_batch), g.is_background, g.metadata,
                coalesce(project_keys[g.p], 0), coalesce(batch_keys[g.b], 0), g.item_id, g.attempt_number, g.relative_path, g.row_version,
                g.event_id
            FROM jsonb_to_recordset(given -> 'attempts') AS g (n integer, client_upload_id uuid, date_key integer, start_ms bigint,
                u integer, d integer, a integer, w integer, status integer, end_ms bigint, total_duration_ms bigint,
                file_size_bytes bigint, num_photos bigint, is_batch boolean, is_background boolean, metadata jsonb, p integer, b integer,
                item_id uuid, attempt_number integer, relative_path text, row_version integer, event_id uuid, replaces integer)
            WHERE g.replaces = same_version
            ON CONFLICT (client_upload_id, date_key) DO UPDATE SET user_key = excluded.user_key, device_key = excluded.device_key,
                app_version_key = excluded.app_version_key, network_connection_key = excluded.network_connection_key,
                upload_status_key = excluded.upload_status_key, end_timestamp = excluded.end_timestamp,
                total_duration_ms = excluded.total_duration_ms, file_size_bytes = excluded.file_size_bytes,
                num_photos_in_batch = excluded.num_photos_in_batch, is_batch_upload = excluded.is_batch_upload,
                is_background_upload = excluded.is_background_upload, upload_metadata = excluded.upload_metadata,
                project_key = excluded.project_key, batch_key = excluded.batch_key, item_id = excluded.item_id,
                attempt_number = excluded.attempt_number, relative_path = excluded.relative_path, row_version = excluded.row_version,
                event_id = excluded.event_id, ingest_xid = pg_current_xact_id()
                WHERE t.row_version < excluded.row_version + same_version
            RETURNING t.date_key
        )
        SELECT dirty || coalesce(array_agg(DISTINCT written.date_key), '{}') INTO dirty FROM written;
    END LOOP;

    -- The attempts that stages, errors and photos name: row_version 0 until they come themselves.
    INSERT INTO fact_upload_attempts (client_upload_id, date_key, start_timestamp)
    SELECT g.client_upload_id, g.date_key, ms(g.start_ms)
    FROM jsonb_to_recordset(given -> 'uploads') AS g (n integer, client_upload_id uuid, date_key integer, start_ms bigint)
    WHERE NOT EXISTS (SELECT 1 FROM fact_upload_attempts t WHERE t.client_upload_id = g.client_upload_id AND t.date_key = g.date_key)
    ON CONFLICT DO NOTHING;
    SELECT array_agg(t.upload_id ORDER BY g.n), array_agg(t.date_key ORDER BY g.n) INTO upload_ids, days
    FROM jsonb_to_recordset(given -> 'uploads') AS g (n integer, client_upload_id uuid, date_key integer)
    JOIN fact_upload_attempts t ON t.client_upload_id = g.client_upload_id AND t.date_key = g.date_key;

    WITH told AS MATERIALIZED (
        SELECT upload_ids[g.u] AS upload_id, days[g.u] AS date_key, g.*
        FROM jsonb_to_recordset(given -> 'stages') AS g (n integer, u integer, stage_name text, start_ms bigint, end_ms bigint,
            duration_ms bigint, is_successful boolean, retry_count integer, metadata jsonb, row_version integer, event_id uuid)
    ), written AS (
        INSERT INTO fact_upload_stages AS t (upload_id, stage_name, date_key, stage_start_timestamp, stage_end_timestamp,
            stage_duration_ms, is_successful, retry_count, stage_metadata, row_version, event_id)
        SELECT g.upload_id, g.stage_name, g.date_key, ms(g.start_ms), ms(g.end_ms), g.duration_ms, g.is_successful, g.retry_count,
            g.metadata, g.row_version, g.event_id
        FROM told g
        ON CONFLICT (date_key, upload_id, stage_name) DO UPDATE SET stage_start_timestamp = excluded.stage_start_timestamp,
            stage_end_timestamp = excluded.stage_end_timestamp, stage_duration_ms = excluded.stage_duration_ms,
            is_successful = excluded.is_successful, retry_count = excluded.retry_count, stage_metadata = excluded.stage_metadata,
            row_version = excluded.row_version, event_id = excluded.event_id
            WHERE t.row_version < excluded.row_version
        RETURNING t.date_key
    )
    SELECT (SELECT jsonb_agg(t.row_version ORDER BY g.n)
            FROM told g
            LEFT JOIN fact_upload_stages t ON t.date_key = g.date_key AND t.upload_id = g.upload_id AND t.stage_name = g.stage_name),
        (SELECT dirty || coalesce(array_agg(DISTINCT w.date_key), '{}') FROM written w)
    INTO stages_before, dirty;

    -- The stages that errors name, likewise.
    INSERT INTO fact_upload_stages (upload_id, stage_name, date_key)
    SELECT DISTINCT upload_ids[g.u], g.stage_name, days[g.u]
    FROM jsonb_to_recordset(given -> 'errors') AS g (n integer, u integer, stage_name text)
    WHERE g.stage_name IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM fact_upload_stages t
            WHERE t.date_key = days[g.u] AND t.upload_id = upload_ids[g.u] AND t.stage_name = g.stage_name)
    ON CONFLICT DO NOTHING;
    WITH told AS MATERIALIZED (
        SELECT upload_ids[g.u] AS upload_id, days[g.u] AS date_key, g.*
        FROM jsonb_to_recordset(given -> 'errors') AS g (n integer, u integer, stage_name text, error_code text, error_message text,
            error_type text, error_severity integer, happened_ms bigint, context jsonb, is_fatal boolean, error_uid uuid)
    ), written AS (
        INSERT INTO fact_upload_errors AS t (upload_id, stage_id, error_code, error_message, error_type, error_severity, error_timestamp,
            error_context, is_fatal, date_key, error_uid, event_id)
        SELECT g.upload_id, s.stage_id, g.error_code, g.error_message, g.error_type, g.error_severity, ms(g.happened_ms), g.context,
            g.is_fatal, g.date_key, g.error_uid, g.error_uid
        FROM told g
        LEFT JOIN fact_upload_stages s ON s.date_key = g.date_key AND s.upload_id = g.upload_id AND s.stage_name = g.stage_name
        ON CONFLICT (error_uid, date_key) DO NOTHING
        RETURNING t.date_key
    )
    SELECT (SELECT jsonb_agg(CASE WHEN t.error_uid IS NOT NULL THEN 1 END ORDER BY g.n)
            FROM told g
            LEFT JOIN fact_upload_errors t ON t.error_uid = g.error_uid AND t.date_key = g.date_key),
        (SELECT dirty || coalesce(array_agg(DISTINCT w.date_key), '{}') FROM written w)
    INTO errors_before, dirty;

    WITH told AS MATERIALIZED (
        SELECT upload_ids[g.u] AS upload_id, days[g.u] AS date_key, g.*
        FROM jsonb_to_recordset(given -> 'photos') AS g (n integer, u integer, photo_id uuid, t integer, l integer, created_ms bigint,
            width_pixels bigint, height_pixels bigint, file_size_bytes bigint, mime_type text, has_location_data boolean, extracted jsonb,
            processing jsonb, row_version integer, event_id uuid)
    ), written AS (
        INSERT INTO dim_photos AS t (upload_id, photo_id, photo_type_key, storage_location_key, created_timestamp, width_pixels,
            height_pixels, file_size_bytes, mime_type, has_location_data, extracted_metadata, processing_parameters, date_key, row_version,
            event_id)
        SELECT g.upload_id, g.photo_id, coalesce(type_keys[g.t], 0), coalesce(location_keys[g.l], 0), ms(g.created_ms), g.width_pixels,
            g.height_pixels, g.file_size_bytes, g.mime_type, g.has_location_data, g.extracted, g.processing, g.date_key, g.row_version,
            g.event_id
        FROM told g
        ON CONFLICT (date_key, upload_id) DO UPDATE SET photo_id = excluded.photo_id, photo_type_key = excluded.photo_type_key,
            storage_location_key = excluded.storage_location_key, created_timestamp = excluded.created_timestamp,
            width_pixels = excluded.width_pixels, height_pixels = excluded.height_pixels, file_size_bytes = excluded.file_size_bytes,
            mime_type = excluded.mime_type, has_location_data = excluded.has_location_data,
            extracted_metadata = excluded.extracted_metadata, processing_parameters = excluded.processing_parameters,
            row_version = excluded.row_version, event_id = excluded.event_id
            WHERE t.row_version < excluded.row_version
        RETURNING t.date_key
    )
    SELECT (SELECT jsonb_agg(t.row_version ORDER BY g.n)
            FROM told g
            LEFT JOIN dim_photos t ON t.date_key = g.date_key AND t.upload_id = g.upload_id),
        (SELECT dirty || coalesce(array_agg(DISTINCT w.date_key), '{}') FROM written w)
    INTO photos_before, dirty;

    WITH told AS MATERIALIZED (
        SELECT g.*
        FROM jsonb_to_recordset(given -> 'heartbeats') AS g (n integer, heartbeat_id uuid, u integer, d integer, a integer, w integer,
            captured_ms bigint, received_ms bigint, metrics jsonb, date_key integer)
    ), written AS (
        INSERT INTO fact_client_heartbeats AS t (heartbeat_id, device_key, app_version_key, network_connection_key, user_key,
            captured_timestamp, received_timestamp, metrics, date_key, event_id)
        SELECT g.heartbeat_id, coalesce(device_keys[g.d], 0), coalesce(app_keys[g.a], 0), coalesce(network_keys[g.w], 0),
            coalesce(user_keys[g.u], 0), ms(g.captured_ms), ms(g.received_ms), g.metrics, g.date_key, g.heartbeat_id
        FROM told g
        ON CONFLICT (heartbeat_id) DO NOTHING
        RETURNING t.date_key
    )
    SELECT (SELECT jsonb_agg(CASE WHEN t.heartbeat_id IS NOT NULL THEN 1 END ORDER BY g.n)
            FROM told g
            LEFT JOIN fact_client_heartbeats t ON t.heartbeat_id = g.heartbeat_id),
        (SELECT dirty || coalesce(array_agg(DISTINCT w.date_key), '{}') FROM written w)
    INTO heartbeats_before, dirty;

    INSERT INTO ops.dirty_day (date_key) SELECT DISTINCT unnest(dirty);

    UPDATE dim_devices t
    SET device_model = g.device_model, device_manufacturer = g.device_manufacturer, device_type = g.device_type,
        camera_megapixels = g.camera_megapixels, processor_type = g.processor_type, memory_mb = g.memory_mb,
        has_low_power_mode = g.has_low_power_mode, described_by = g.described_by
    FROM jsonb_to_recordset(given -> 'devices') AS g (n integer, device_model text, device_manufacturer text, device_type text,
        camera_megapixels double precision, processor_type text, memory_mb bigint, has_low_power_mode boolean, described_by text)
    WHERE t.device_key = device_keys[g.n] AND t.device_key <> 0 AND t.described_by < g.described_by;
    UPDATE dim_app_versions t
    SET release_date = g.release_date, is_beta_version = g.is_beta_version, feature_flags = g.feature_flags, described_by = g.described_by
    FROM jsonb_to_recordset(given -> 'apps') AS g (n integer, release_date text, is_beta_version boolean, feature_flags jsonb,
        described_by text)
    WHERE t.app_version_key = app_keys[g.n] AND t.app_version_key <> 0 AND t.described_by < g.described_by;
    UPDATE dim_network_connections t
    SET typical_bandwidth_kbps = coalesce(g.typical_bandwidth_kbps, t.typical_bandwidth_kbps),
        typical_latency_ms = coalesce(g.typical_latency_ms, t.typical_latency_ms), described_by = g.described_by
    FROM jsonb_to_recordset(given -> 'networks') AS g (n integer, typical_bandwidth_kbps bigint, typical_latency_ms bigint,
        described_by text)
    WHERE t.network_connection_key = network_keys[g.n] AND t.network_connection_key <> 0 AND t.described_by < g.described_by;

    RETURN jsonb_build_object('projects', projects_before, 'batches', batches_before, 'attempts', attempts_before, 'stages', stages_before,
        'errors', errors_before, 'photos', photos_before, 'heartbeats', heartbeats_before);
END
$$;
