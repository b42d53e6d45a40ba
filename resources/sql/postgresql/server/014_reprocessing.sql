-- Stages that run again for photos that are stored (work/reprocesstable.h): the server's own books, not the star's.
-- A run is one command of the administrator.
CREATE TABLE server_reprocess_runs (
    run_id text PRIMARY KEY,
    stage text NOT NULL,
    conditions_json text NOT NULL,    -- by column; the same command is the same text
    created_ms bigint NOT NULL,
    behind_asset bigint NOT NULL,     -- up to this photo the run has been queued,
    last_asset bigint NOT NULL,       -- and this was the newest when it began
    photos bigint NOT NULL DEFAULT 0, -- queued so far
    bytes bigint NOT NULL DEFAULT 0
);

-- A photo waits for a stage once, whoever asked for it; its row goes when that is done, or with the photo.
CREATE TABLE server_reprocess_jobs (
    stage text NOT NULL,
    asset_id bigint NOT NULL REFERENCES server_assets (asset_id) ON DELETE CASCADE,
    run_id text NOT NULL,
    client_upload_id text NOT NULL,           -- the attempt that brought it
    size bigint NOT NULL,
    queued_ms bigint NOT NULL,
    lease_owner text NOT NULL DEFAULT '',
    lease_until_ms bigint NOT NULL DEFAULT 0, -- without an owner: not before
    tries integer NOT NULL DEFAULT 0,
    error_code text,                          -- of the newest try
    failed_ms bigint,                         -- it has ended with that
    PRIMARY KEY (stage, asset_id)
);
CREATE INDEX server_reprocess_jobs_waiting ON server_reprocess_jobs (queued_ms, asset_id) WHERE failed_ms IS NULL;
CREATE INDEX server_reprocess_jobs_asset ON server_reprocess_jobs (asset_id);
CREATE INDEX server_reprocess_jobs_run ON server_reprocess_jobs (run_id);
