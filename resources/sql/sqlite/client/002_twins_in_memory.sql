-- Equal photos of a drop wait for each other in memory (pipeline/twinwatch): after a restart they are hashed again and meet again. What the
-- queue kept for them was never written.
DROP INDEX queue_items_bytes;
ALTER TABLE queue_items DROP COLUMN waits_for_item;
