-- A purged upload has no path any more.
ALTER TABLE server_uploads ALTER COLUMN relative_path DROP NOT NULL;
CREATE INDEX server_uploads_bytes ON server_uploads (account_id, sha256);
CREATE INDEX server_uploads_item ON server_uploads (item_id);
CREATE INDEX fact_upload_attempts_item ON fact_upload_attempts (item_id);

-- Attempts, items and batches whose names were purged: what clients tell of them later comes without names (work/purgedids.h).
CREATE TABLE server_purged_ids (
    id text COLLATE "C" PRIMARY KEY,
    account_id text NOT NULL,
    purged_ms bigint NOT NULL,
    -- 0: what was being written when it was purged may still be coming, and is looked for once more.
    is_settled integer NOT NULL DEFAULT 0
);
CREATE INDEX server_purged_ids_open ON server_purged_ids (id) WHERE is_settled = 0;
