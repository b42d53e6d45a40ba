-- How long a project keeps its photos; one without a row keeps them.
CREATE TABLE server_project_rules (
    project_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES server_accounts (account_id),
    purge_after_days INTEGER NOT NULL CHECK (purge_after_days > 0)
) WITHOUT ROWID;
-- A purge has two phases. The first sets purge_ms: from then on the second removes the photo. wanted_ms is when somebody last said that it is
-- wanted, by asking for it again or by taking a purge back: its days count from there. NULL: from created_ms.
ALTER TABLE server_assets ADD COLUMN wanted_ms INTEGER;
ALTER TABLE server_assets ADD COLUMN purge_ms INTEGER;
CREATE INDEX server_assets_purge ON server_assets (purge_ms) WHERE purge_ms IS NOT NULL;

-- What was purged, one row per photo: neither name nor path, and not what the bytes were.
CREATE TABLE server_purges (
    purge_id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    client_upload_id TEXT NOT NULL, -- the attempt that had brought it
    size INTEGER NOT NULL,
    rule TEXT NOT NULL,             -- such as: after 7 days
    due_ms INTEGER NOT NULL,
    removed_ms INTEGER NOT NULL
);
CREATE INDEX server_purges_attempt ON server_purges (client_upload_id);

-- Bytes that no account has any more, until they are out of the store. While claimed they are just going, and no upload puts equal ones
-- there (work/removaltable.h).
CREATE TABLE server_removals (
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    claimed_ms INTEGER,
    PRIMARY KEY (sha256, size)
) WITHOUT ROWID;
CREATE INDEX server_objects_bytes ON server_objects (sha256, size);
