-- Projects and batches have no row version: the newest event that was applied to each, so that a late or repeated one never
-- moves it back. (What could not be read is kept in staging_batch of the star.)
CREATE TABLE server_newest_events (
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (kind, entity_id)
) WITHOUT ROWID;
