-- What the client needs to go on where it was: the queue, uploads under way, the outbox, settings. No facts.

-- One drop. batch_row counts up in the order of the drops; roots are the dropped paths, each ended by a NUL byte.
CREATE TABLE queue_batches (
    batch_row INTEGER PRIMARY KEY AUTOINCREMENT,
    batch_id TEXT NOT NULL UNIQUE,
    roots BLOB NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    is_background INTEGER NOT NULL DEFAULT 0,
    is_paused INTEGER NOT NULL DEFAULT 0,
    is_counted INTEGER NOT NULL DEFAULT 0,
    is_cleared INTEGER NOT NULL DEFAULT 0,
    num_left_out INTEGER NOT NULL DEFAULT 0,
    last_ended_ms INTEGER
);

-- One photo. Paths are bytes; search_name is their text with case folded, for the name filter and the name order.
CREATE TABLE queue_items (
    item_row INTEGER PRIMARY KEY,
    item_id TEXT NOT NULL UNIQUE,
    batch_row INTEGER NOT NULL REFERENCES queue_batches (batch_row),
    ordinal INTEGER NOT NULL,
    absolute_path BLOB NOT NULL,
    relative_path BLOB NOT NULL,
    search_name TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    state TEXT NOT NULL,
    error_code TEXT,
    error_stage TEXT,
    attempt_number INTEGER NOT NULL DEFAULT 0,
    client_upload_id TEXT,
    retry_at_ms INTEGER,
    is_safe INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT,
    waits_for_item INTEGER NOT NULL DEFAULT 0
);
-- A walk that starts again after a crash meets the same files: each is in a drop once.
CREATE UNIQUE INDEX queue_items_path ON queue_items (batch_row, absolute_path);
CREATE INDEX queue_items_order ON queue_items (batch_row, ordinal);
CREATE INDEX queue_items_state ON queue_items (batch_row, state, ordinal);
CREATE INDEX queue_items_bytes ON queue_items (batch_row, sha256, size) WHERE sha256 IS NOT NULL;
-- The few that are neither waiting their first turn nor over: found without a walk through the rest.
CREATE INDEX queue_items_under_way ON queue_items (state, error_code) WHERE state IN ('running', 'waiting_to_retry', 'needs_you');

-- How many photos of a drop are in which state. Triggers keep it right with every write, so that nobody counts 100,000 rows.
CREATE TABLE queue_counts (
    batch_row INTEGER NOT NULL,
    state TEXT NOT NULL,
    is_safe INTEGER NOT NULL,
    num_items INTEGER NOT NULL,
    num_bytes INTEGER NOT NULL,
    PRIMARY KEY (batch_row, state, is_safe)
) WITHOUT ROWID;
CREATE TRIGGER queue_items_added AFTER INSERT ON queue_items BEGIN
    INSERT INTO queue_counts VALUES (new.batch_row, new.state, new.is_safe, 1, new.size)
        ON CONFLICT (batch_row, state, is_safe) DO UPDATE SET num_items = num_items + 1, num_bytes = num_bytes + excluded.num_bytes;
END;
CREATE TRIGGER queue_items_moved AFTER UPDATE OF state, is_safe, size ON queue_items
WHEN new.state <> old.state OR new.is_safe <> old.is_safe OR new.size <> old.size BEGIN
    UPDATE queue_counts SET num_items = num_items - 1, num_bytes = num_bytes - old.size
        WHERE batch_row = old.batch_row AND state = old.state AND is_safe = old.is_safe;
    INSERT INTO queue_counts VALUES (new.batch_row, new.state, new.is_safe, 1, new.size)
        ON CONFLICT (batch_row, state, is_safe) DO UPDATE SET num_items = num_items + 1, num_bytes = num_bytes + excluded.num_bytes;
END;

-- What the server said about an attempt's upload; gone when the upload ends or starts again.
CREATE TABLE queue_uploads (
    client_upload_id TEXT PRIMARY KEY,
    upload_id TEXT NOT NULL,
    part_bytes INTEGER NOT NULL,
    is_commit_sent INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE queue_parts (
    client_upload_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    PRIMARY KEY (client_upload_id, number)
) WITHOUT ROWID;

-- Rows of the star that the server has not confirmed, and those it confirmed within the last 24 hours. row_key names the
-- row they stand for: only its newest version is worth sending.
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    row_key TEXT NOT NULL,
    json TEXT NOT NULL,
    sent_ms INTEGER
);
CREATE INDEX outbox_row ON outbox (row_key);
CREATE INDEX outbox_due ON outbox (sequence) WHERE sent_ms IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_ms) WHERE sent_ms IS NOT NULL;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
