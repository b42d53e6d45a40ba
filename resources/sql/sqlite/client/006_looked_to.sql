-- Up to which file of a drop (ordinal) selection has looked ahead of the attempts: what is no photo there is on record as such, so that a drop
-- is counted long before its last photo begins.
ALTER TABLE queue_batches ADD COLUMN looked_to INTEGER NOT NULL DEFAULT -1;
