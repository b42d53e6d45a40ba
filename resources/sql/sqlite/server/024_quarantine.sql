-- Originals that ended their check and are kept (server_objects: quarantined): no photos of their projects, and so without an asset, but somebody's. They
-- leave by the same rules and wishes as photos (work/quarantinetable.h). One row per person, bytes and slot.
CREATE TABLE server_quarantine (
    quarantine_id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    project_id TEXT NOT NULL,
    relative_path TEXT NOT NULL,
    client_upload_id TEXT NOT NULL, -- the newest attempt that brought them,
    kept_ms INTEGER NOT NULL,       -- and its end: their days count from there
    purge_ms INTEGER,               -- as in server_assets
    removed_ms INTEGER,             -- as in server_withdrawals
    UNIQUE (account_id, sha256, user_id, project_id, relative_path)
);
CREATE INDEX server_quarantine_project ON server_quarantine (project_id);
CREATE INDEX server_quarantine_user ON server_quarantine (user_id);
CREATE INDEX server_quarantine_purge ON server_quarantine (purge_ms) WHERE purge_ms IS NOT NULL;
CREATE INDEX server_quarantine_removed ON server_quarantine (removed_ms) WHERE removed_ms IS NOT NULL;

INSERT INTO server_quarantine (account_id, user_id, sha256, size, project_id, relative_path, client_upload_id, kept_ms)
SELECT u.account_id, u.user_id, u.sha256, u.size, u.project_id, u.relative_path, max(u.client_upload_id),
       max(CASE WHEN u.touched_ms > o.decided_ms THEN u.touched_ms ELSE o.decided_ms END)
  FROM server_objects o
  JOIN server_uploads u ON u.account_id = o.account_id AND u.sha256 = o.sha256 AND u.size = o.size
 WHERE o.state = 'quarantined' AND u.state IN ('ended', 'refused') AND u.relative_path IS NOT NULL
 GROUP BY u.account_id, u.user_id, u.sha256, u.size, u.project_id, u.relative_path;

-- Of people who were erased, and of items that were purged: their uploads have lost the hash, and what was kept of them stayed.
INSERT INTO server_removals (sha256, size)
SELECT DISTINCT o.sha256, o.size FROM server_objects o
 WHERE o.state = 'quarantined' AND NOT EXISTS (SELECT 1 FROM server_quarantine q
       WHERE q.account_id = o.account_id AND q.sha256 = o.sha256 AND q.size = o.size)
    ON CONFLICT DO NOTHING;
DELETE FROM server_objects
 WHERE state = 'quarantined' AND NOT EXISTS (SELECT 1 FROM server_quarantine q
       WHERE q.account_id = server_objects.account_id AND q.sha256 = server_objects.sha256 AND q.size = server_objects.size);
DELETE FROM server_objects
 WHERE state = 'refused' AND NOT EXISTS (SELECT 1 FROM server_uploads u
       WHERE u.account_id = server_objects.account_id AND u.sha256 = server_objects.sha256 AND u.size = server_objects.size);
