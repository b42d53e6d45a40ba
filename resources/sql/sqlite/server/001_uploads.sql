-- The server's own tables beside the star: unfinished and finished uploads, what is stored, the worker's queue.
-- Times are Unix ms UTC, ids are lower-case UUID text, *_json columns hold the JSON forms of models/vocabulary and models/wire.

-- One line per fact about the server itself: epoch (a new one means "another database, send again").
CREATE TABLE server_state (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- One row per upload id. An attempt has one current upload; a file that starts again gets a new one and the old is `replaced`.
CREATE TABLE server_uploads (
    upload_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    client_upload_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    relative_path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    part_bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    -- open, committed, ended, aborted, swept, replaced,
    -- duplicate, refused
    state TEXT NOT NULL,
    refused_with TEXT,
    touched_ms INTEGER NOT NULL,
    committed_ms INTEGER,
    attempt_json TEXT NOT NULL,
    photo_json TEXT,
    -- What clients are told of it (wire::UploadStatus) and its version.
    told_version INTEGER NOT NULL,
    told_json TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX server_uploads_attempt ON server_uploads (client_upload_id) WHERE state <> 'replaced';
CREATE INDEX server_uploads_open ON server_uploads (account_id, sha256, size) WHERE state = 'open';
CREATE INDEX server_uploads_touched ON server_uploads (touched_ms) WHERE state = 'open';

-- Bytes of an account that a decision is known of: stored, or refused by validation (refused_with).
CREATE TABLE server_objects (
    account_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    state TEXT NOT NULL, -- stored, quarantined (kept, never opened again), refused (not kept)
    refused_with TEXT,
    storage_location TEXT,
    decided_ms INTEGER NOT NULL,
    PRIMARY KEY (account_id, sha256, size)
) WITHOUT ROWID;

-- One row per account, bytes and slot (project, relative path): the same photo is there once.
CREATE TABLE server_assets (
    asset_id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    project_id TEXT NOT NULL,
    relative_path TEXT NOT NULL,
    client_upload_id TEXT NOT NULL, -- the attempt that brought it here first
    created_ms INTEGER NOT NULL,
    UNIQUE (account_id, sha256, project_id, relative_path)
);
CREATE INDEX server_assets_project ON server_assets (project_id, relative_path);

-- What a project's listing and the search look at.
CREATE TABLE server_search (
    asset_id INTEGER PRIMARY KEY REFERENCES server_assets (asset_id) ON DELETE CASCADE,
    project_id TEXT NOT NULL,
    folder TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL, -- case-folded NFC, for comparing only
    media_type TEXT NOT NULL,
    taken_ms INTEGER,
    camera TEXT
);
CREATE INDEX server_search_listing ON server_search (project_id, folder, name_key);
CREATE INDEX server_search_name ON server_search (name_key);

-- The worker's durable queue: one row per committed upload until its last stage has ended.
CREATE TABLE server_jobs (
    upload_id TEXT PRIMARY KEY REFERENCES server_uploads (upload_id) ON DELETE CASCADE,
    stage TEXT NOT NULL,        -- the stage to do next
    lease_owner TEXT NOT NULL,
    lease_until_ms INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, -- of this stage
    queued_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Idempotency keys of requests, kept 30 days.
CREATE TABLE server_requests (
    request_key TEXT PRIMARY KEY,
    body_hash BLOB NOT NULL,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX server_requests_age ON server_requests (created_ms);
