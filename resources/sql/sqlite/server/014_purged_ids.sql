-- A purged upload has no path any more.
ALTER TABLE server_uploads ADD COLUMN path TEXT;
UPDATE server_uploads SET path = relative_path;
ALTER TABLE server_uploads DROP COLUMN relative_path;
ALTER TABLE server_uploads RENAME COLUMN path TO relative_path;
CREATE INDEX server_uploads_bytes ON server_uploads (account_id, sha256);
CREATE INDEX server_uploads_item ON server_uploads (item_id);

-- Attempts, items and batches whose names were purged: what clients tell of them later comes without names (work/purgedids.h).
CREATE TABLE server_purged_ids (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    purged_ms INTEGER NOT NULL,
    -- 0: what was being written when it was purged may still be coming, and is looked for once more.
    is_settled INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX server_purged_ids_open ON server_purged_ids (id) WHERE is_settled = 0;
