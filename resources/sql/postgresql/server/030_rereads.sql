-- How far the regular re-read of everything that is stored has come (work/rereads.h); one row. A place is no hash: that of a purged photo has to go.
CREATE TABLE server_rereads (
    one integer PRIMARY KEY CHECK (one = 1),
    begun_ms bigint,                    -- when this pass began; null: none has
    place bigint NOT NULL DEFAULT 0,    -- the first 32 bits of the hash it has come to, in their order,
    photos bigint NOT NULL DEFAULT 0,   -- how many photos it has read,
    damaged bigint NOT NULL DEFAULT 0,  -- how many of them were not the bytes any more,
    unread bigint NOT NULL DEFAULT 0,   -- and how many more could not be read
    ended_ms bigint                     -- when the pass before ended
);
INSERT INTO server_rereads (one) VALUES (1);

-- What each heartbeat looks for: photos of its person that are to be brought again.
CREATE INDEX server_objects_lost ON server_objects (account_id, sha256) WHERE state = 'lost';
