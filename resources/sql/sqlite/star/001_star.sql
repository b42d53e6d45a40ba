-- The star schema on SQLite. Times are Unix milliseconds UTC, durations milliseconds, sizes bytes, ids lower-case text,
-- JSON text, truth 0 or 1. Names and columns are meant for other engines, too (a folder beside sqlite for each): one set of questions
-- runs on both. Key 0 of every dimension is 'unknown', so that a join never loses a fact.
-- Facts carry no foreign keys (they cost on every insert): a data test does their work.

CREATE TABLE dim_upload_status (
    upload_status_key INTEGER PRIMARY KEY,
    status_name TEXT NOT NULL UNIQUE,
    status_description TEXT,
    status_category TEXT NOT NULL,
    is_terminal_state INTEGER NOT NULL,
    is_success_state INTEGER NOT NULL,
    status_priority INTEGER NOT NULL
);
-- models/vocabulary/status.cpp says the same; a test holds both together.
INSERT INTO dim_upload_status VALUES
    (0, 'unknown', 'Its row has not arrived yet', 'active', 0, 0, 0),
    (1, 'queued', 'Waits for its turn', 'active', 0, 0, 3),
    (2, 'running', 'One of the eleven stages is under way', 'active', 0, 0, 4),
    (3, 'paused', 'A person or a rule holds it', 'active', 0, 0, 5),
    (4, 'waiting_to_retry', 'A stage is tried again soon', 'active', 0, 0, 6),
    (5, 'succeeded', 'Checked on the server and all server stages ended', 'success', 1, 1, 1),
    (6, 'duplicate', 'The same bytes were already there', 'success', 1, 1, 2),
    (7, 'failed', 'A fatal error ended the attempt', 'failure', 1, 0, 8),
    (8, 'cancelled', 'The person stopped it', 'cancelled', 1, 0, 7);

CREATE TABLE dim_users (
    user_key INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    user_created_at INTEGER,
    account_type TEXT,
    is_test_account INTEGER NOT NULL DEFAULT 0,
    user_preferences TEXT
);
INSERT INTO dim_users (user_key, user_id) VALUES (0, 'unknown');

-- described_by: the newest attempt or heartbeat whose facts the row holds (its UUIDv7 and row version); older ones that
-- arrive late do not overwrite them.
CREATE TABLE dim_devices (
    device_key INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL,
    device_model TEXT,
    device_manufacturer TEXT,
    device_type TEXT NOT NULL,
    os_name TEXT,
    os_version TEXT,
    camera_megapixels REAL,
    processor_type TEXT,
    memory_mb INTEGER,
    has_low_power_mode INTEGER,
    described_by TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX dim_devices_natural ON dim_devices (device_id, coalesce(os_name, ''), coalesce(os_version, ''));
INSERT INTO dim_devices (device_key, device_id, device_type) VALUES (0, 'unknown', 'unknown');

CREATE TABLE dim_app_versions (
    app_version_key INTEGER PRIMARY KEY,
    app_version_number TEXT NOT NULL,
    build_number TEXT,
    release_date TEXT,
    platform TEXT,
    is_beta_version INTEGER,
    feature_flags TEXT,
    described_by TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX dim_app_versions_natural
    ON dim_app_versions (coalesce(platform, ''), app_version_number, coalesce(build_number, ''));
INSERT INTO dim_app_versions (app_version_key, app_version_number) VALUES (0, 'unknown');

CREATE TABLE dim_network_connections (
    network_connection_key INTEGER PRIMARY KEY,
    connection_type TEXT NOT NULL,
    carrier_name TEXT,
    network_subtype TEXT,
    signal_strength INTEGER CHECK (signal_strength BETWEEN 0 AND 100),
    typical_bandwidth_kbps INTEGER,
    typical_latency_ms INTEGER,
    described_by TEXT NOT NULL DEFAULT ''
);
-- -1 stands for "not measured" inside the index only.
CREATE UNIQUE INDEX dim_network_connections_natural ON dim_network_connections
    (connection_type, coalesce(carrier_name, ''), coalesce(network_subtype, ''), coalesce(signal_strength, -1));
INSERT INTO dim_network_connections (network_connection_key, connection_type) VALUES (0, 'unknown');

CREATE TABLE dim_photo_types (
    photo_type_key INTEGER PRIMARY KEY,
    photo_type_name TEXT NOT NULL,
    file_extension TEXT,
    supports_transparency INTEGER,
    is_animated INTEGER,
    max_supported_resolution INTEGER,
    type_specific_attributes TEXT
);
CREATE UNIQUE INDEX dim_photo_types_natural ON dim_photo_types (photo_type_name, coalesce(file_extension, ''));
INSERT INTO dim_photo_types (photo_type_key, photo_type_name) VALUES (0, 'unknown');

CREATE TABLE dim_storage_locations (
    storage_location_key INTEGER PRIMARY KEY,
    storage_provider TEXT NOT NULL,
    storage_region TEXT,
    storage_tier TEXT,
    access_pattern TEXT,
    storage_cost_per_gb REAL,
    retrieval_cost_per_gb REAL
);
CREATE UNIQUE INDEX dim_storage_locations_natural ON dim_storage_locations
    (storage_provider, coalesce(storage_region, ''), coalesce(storage_tier, ''), coalesce(access_pattern, ''));
INSERT INTO dim_storage_locations (storage_location_key, storage_provider) VALUES (0, 'unknown');

CREATE TABLE dim_projects (
    project_key INTEGER PRIMARY KEY,
    project_id TEXT UNIQUE,
    project_name TEXT,
    owner_user_key INTEGER NOT NULL DEFAULT 0,
    state TEXT CHECK (state IN ('open', 'complete', 'delivered')),
    is_active INTEGER,
    event_id TEXT
);
INSERT INTO dim_projects (project_key, project_name) VALUES (0, 'unknown');

CREATE TABLE dim_batches (
    batch_key INTEGER PRIMARY KEY,
    batch_id TEXT UNIQUE,
    batch_name TEXT,
    project_key INTEGER NOT NULL DEFAULT 0,
    source_kind TEXT,
    source_label TEXT,
    created_timestamp INTEGER,
    num_photos INTEGER,
    total_bytes INTEGER,
    event_id TEXT
);
INSERT INTO dim_batches (batch_key, batch_name) VALUES (0, 'unknown');

CREATE TABLE dim_device_groups (
    group_key INTEGER PRIMARY KEY,
    group_name TEXT NOT NULL UNIQUE,
    region TEXT,
    is_active INTEGER NOT NULL DEFAULT 1
);
INSERT INTO dim_device_groups (group_key, group_name) VALUES (0, 'unknown');

CREATE TABLE dim_device_group_members (
    group_key INTEGER NOT NULL,
    device_key INTEGER,
    user_key INTEGER,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    CHECK ((device_key IS NULL) <> (user_key IS NULL))
);
CREATE UNIQUE INDEX dim_device_group_members_natural
    ON dim_device_group_members (group_key, coalesce(device_key, -1), coalesce(user_key, -1), valid_from);

CREATE TABLE dim_dates (
    date_key INTEGER PRIMARY KEY,
    full_date TEXT,
    year INTEGER,
    quarter INTEGER,
    month INTEGER,
    month_name TEXT,
    iso_year INTEGER,
    iso_week INTEGER,
    day_of_month INTEGER,
    day_of_week INTEGER,
    day_name TEXT,
    is_weekend INTEGER,
    is_holiday INTEGER,
    week_start_date TEXT,
    month_start_date TEXT
);
INSERT INTO dim_dates (date_key) VALUES (0);
-- The ISO week of a day is the week of its Thursday; (weekday + 6) % 7 counts the days since Monday.
INSERT INTO dim_dates
WITH RECURSIVE days (day) AS (
    SELECT '2023-01-01' UNION ALL SELECT date(day, '+1 day') FROM days WHERE day < '2031-12-31'
), parts AS (
    SELECT day, CAST(strftime('%m', day) AS INTEGER) AS month, (CAST(strftime('%w', day) AS INTEGER) + 6) % 7 + 1 AS weekday FROM days
), weeks AS (
    SELECT day, month, weekday, date(day, (1 - weekday) || ' days') AS monday, date(day, (4 - weekday) || ' days') AS thursday FROM parts
)
SELECT CAST(strftime('%Y%m%d', day) AS INTEGER), day, CAST(strftime('%Y', day) AS INTEGER), (month + 2) / 3, month,
    CASE month WHEN 1 THEN 'January' WHEN 2 THEN 'February' WHEN 3 THEN 'March' WHEN 4 THEN 'April' WHEN 5 THEN 'May'
        WHEN 6 THEN 'June' WHEN 7 THEN 'July' WHEN 8 THEN 'August' WHEN 9 THEN 'September' WHEN 10 THEN 'October'
        WHEN 11 THEN 'November' ELSE 'December' END,
    CAST(strftime('%Y', thursday) AS INTEGER), (CAST(strftime('%j', thursday) AS INTEGER) - 1) / 7 + 1,
    CAST(strftime('%d', day) AS INTEGER), weekday,
    CASE weekday WHEN 1 THEN 'Monday' WHEN 2 THEN 'Tuesday' WHEN 3 THEN 'Wednesday' WHEN 4 THEN 'Thursday' WHEN 5 THEN 'Friday'
        WHEN 6 THEN 'Saturday' ELSE 'Sunday' END,
    weekday >= 6, NULL, monday, date(day, 'start of month')
FROM weeks;

-- row_version 0: a placeholder, made because a stage, an error or a photo arrived before its attempt. It becomes the real
-- row when that arrives; readers take row_version > 0.
CREATE TABLE fact_upload_attempts (
    upload_id INTEGER PRIMARY KEY,
    user_key INTEGER NOT NULL DEFAULT 0,
    device_key INTEGER NOT NULL DEFAULT 0,
    app_version_key INTEGER NOT NULL DEFAULT 0,
    network_connection_key INTEGER NOT NULL DEFAULT 0,
    date_key INTEGER NOT NULL,
    upload_status_key INTEGER NOT NULL DEFAULT 0,
    start_timestamp INTEGER NOT NULL,
    end_timestamp INTEGER,
    total_duration_ms INTEGER CHECK (total_duration_ms >= 0),
    file_size_bytes INTEGER,
    num_photos_in_batch INTEGER,
    is_batch_upload INTEGER NOT NULL DEFAULT 0,
    is_background_upload INTEGER NOT NULL DEFAULT 0,
    client_upload_id TEXT NOT NULL UNIQUE,
    upload_metadata TEXT,
    project_key INTEGER NOT NULL DEFAULT 0,
    batch_key INTEGER NOT NULL DEFAULT 0,
    item_id TEXT,
    attempt_number INTEGER,
    relative_path TEXT,
    row_version INTEGER NOT NULL DEFAULT 0,
    event_id TEXT
);
CREATE INDEX fact_upload_attempts_date ON fact_upload_attempts (date_key);
CREATE INDEX fact_upload_attempts_user ON fact_upload_attempts (user_key, start_timestamp DESC);
CREATE INDEX fact_upload_attempts_project ON fact_upload_attempts (project_key, date_key);
-- Operational: the newest attempts, the newest failed ones, all attempts of one photo, all of one batch.
CREATE INDEX fact_upload_attempts_newest ON fact_upload_attempts (start_timestamp DESC);
CREATE INDEX fact_upload_attempts_failed ON fact_upload_attempts (start_timestamp DESC) WHERE upload_status_key = 7;
CREATE INDEX fact_upload_attempts_item ON fact_upload_attempts (item_id);
CREATE INDEX fact_upload_attempts_batch ON fact_upload_attempts (batch_key);

CREATE TABLE fact_upload_stages (
    stage_id INTEGER PRIMARY KEY,
    upload_id INTEGER NOT NULL,
    stage_name TEXT NOT NULL,
    stage_start_timestamp INTEGER,
    stage_end_timestamp INTEGER,
    stage_duration_ms INTEGER CHECK (stage_duration_ms >= 0),
    is_successful INTEGER,
    retry_count INTEGER NOT NULL DEFAULT 0,
    stage_metadata TEXT,
    date_key INTEGER NOT NULL,
    row_version INTEGER NOT NULL DEFAULT 0,
    event_id TEXT,
    UNIQUE (upload_id, stage_name),
    CHECK (stage_end_timestamp IS NULL OR is_successful IS NOT NULL),
    CHECK (row_version = 0 OR stage_start_timestamp IS NOT NULL)
);
CREATE INDEX fact_upload_stages_date ON fact_upload_stages (date_key);

CREATE TABLE fact_upload_errors (
    error_id INTEGER PRIMARY KEY,
    upload_id INTEGER NOT NULL,
    stage_id INTEGER,
    error_code TEXT NOT NULL,
    error_message TEXT,
    error_type TEXT NOT NULL,
    error_severity INTEGER NOT NULL,
    error_timestamp INTEGER NOT NULL,
    error_context TEXT,
    is_fatal INTEGER NOT NULL,
    date_key INTEGER NOT NULL,
    error_uid TEXT NOT NULL UNIQUE,
    event_id TEXT
);
CREATE INDEX fact_upload_errors_code ON fact_upload_errors (error_code, error_timestamp DESC, error_id DESC);
CREATE INDEX fact_upload_errors_newest ON fact_upload_errors (error_timestamp DESC, error_id DESC);
CREATE INDEX fact_upload_errors_upload ON fact_upload_errors (upload_id);
CREATE INDEX fact_upload_errors_date ON fact_upload_errors (date_key);

CREATE TABLE dim_photos (
    photo_key INTEGER PRIMARY KEY,
    upload_id INTEGER UNIQUE,
    photo_id TEXT,
    photo_type_key INTEGER NOT NULL DEFAULT 0,
    storage_location_key INTEGER NOT NULL DEFAULT 0,
    created_timestamp INTEGER,
    width_pixels INTEGER,
    height_pixels INTEGER,
    file_size_bytes INTEGER,
    mime_type TEXT,
    has_location_data INTEGER,
    extracted_metadata TEXT,
    processing_parameters TEXT,
    date_key INTEGER NOT NULL DEFAULT 0,
    row_version INTEGER NOT NULL DEFAULT 0,
    event_id TEXT
);
INSERT INTO dim_photos (photo_key) VALUES (0);
CREATE INDEX dim_photos_photo ON dim_photos (photo_id);
CREATE INDEX dim_photos_date ON dim_photos (date_key);

CREATE TABLE fact_client_heartbeats (
    heartbeat_id TEXT PRIMARY KEY,
    device_key INTEGER NOT NULL DEFAULT 0,
    app_version_key INTEGER NOT NULL DEFAULT 0,
    network_connection_key INTEGER NOT NULL DEFAULT 0,
    user_key INTEGER NOT NULL DEFAULT 0,
    captured_timestamp INTEGER NOT NULL,
    received_timestamp INTEGER,
    metrics TEXT,
    date_key INTEGER NOT NULL,
    event_id TEXT
);
CREATE INDEX fact_client_heartbeats_device ON fact_client_heartbeats (device_key, captured_timestamp DESC);
CREATE INDEX fact_client_heartbeats_date ON fact_client_heartbeats (date_key);

-- Days whose aggregates have to be made again. A plain list; the index only lets the one writer see its own marks.
CREATE TABLE ops_dirty_day (
    date_key INTEGER NOT NULL
);
CREATE INDEX ops_dirty_day_date ON ops_dirty_day (date_key);

CREATE TABLE staging_batch (
    batch_id TEXT PRIMARY KEY,
    client_id TEXT,
    received_at INTEGER NOT NULL,
    payload TEXT NOT NULL,
    error TEXT
);
CREATE INDEX staging_batch_received ON staging_batch (received_at);
