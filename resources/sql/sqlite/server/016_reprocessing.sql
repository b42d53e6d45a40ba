-- Stages that run again for photos that are stored (work/reprocesstable.h): the server's own books, not the star's.
-- A run is one command of the administrator.
CREATE TABLE server_reprocess_runs (
    run_id TEXT PRIMARY KEY,
    stage TEXT NOT NULL,
    conditions_json TEXT NOT NULL,     -- by column; the same command is the same text
    created_ms INTEGER NOT NULL,
    behind_asset INTEGER NOT NULL,     -- up to this photo the run has been queued,
    last_asset INTEGER NOT NULL,       -- and this was the newest when it began
    photos INTEGER NOT NULL DEFAULT 0, -- queued so far
    bytes INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- A photo waits for a stage once, whoever asked for it; its row goes when that is done, or with the photo.
CREATE TABLE server_reprocess_jobs (
    stage TEXT NOT NULL,
    asset_id INTEGER NOT NULL REFERENCES server_assets (asset_id) ON DELETE CASCADE,
    run_id TEXT NOT NULL,
    client_upload_id TEXT NOT NULL,           -- the attempt that brought it
    size INTEGER NOT NULL,
    queued_ms INTEGER NOT NULL,
    lease_owner TEXT NOT NULL DEFAULT '',
    lease_until_ms INTEGER NOT NULL DEFAULT 0, -- without an owner: not before
    tries INTEGER NOT NULL DEFAULT 0,
    error_code TEXT,                          -- of the newest try
    failed_ms INTEGER,                        -- it has ended with that
    PRIMARY KEY (stage, asset_id)
) WITHOUT ROWID;
CREATE INDEX server_reprocess_jobs_waiting ON server_reprocess_jobs (queued_ms, asset_id) WHERE failed_ms IS NULL;
CREATE INDEX server_reprocess_jobs_asset ON server_reprocess_jobs (asset_id);
CREATE INDEX server_reprocess_jobs_run ON server_reprocess_jobs (run_id);
