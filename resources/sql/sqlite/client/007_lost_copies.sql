-- The SHA-256 that the server had of a photo and lost: set from that word on until these bytes are there again, or somebody was told that the file
-- is another one by now.
ALTER TABLE queue_items ADD COLUMN lost_sha256 TEXT;
