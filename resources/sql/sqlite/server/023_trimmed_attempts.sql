-- Photos of a batch that have arrived and whose attempts have left: what a project's standing still counts.
CREATE TABLE server_arrived (
    batch_key INTEGER NOT NULL,
    item_id TEXT NOT NULL,
    bytes INTEGER,
    PRIMARY KEY (batch_key, item_id)
) WITHOUT ROWID;
-- By which rules every row has been looked at.
CREATE TABLE server_trim_passes (
    table_name TEXT NOT NULL,
    before_key INTEGER NOT NULL, -- the first day that stays
    rule TEXT NOT NULL,
    ended_ms INTEGER NOT NULL,
    PRIMARY KEY (table_name, before_key, rule)
) WITHOUT ROWID;
