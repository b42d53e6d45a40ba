-- A whole drop is cancelled with one statement, and of 100,000 photos two things took longest beside the rows themselves.
--
-- Counting them one by one: while a drop stands in queue_cancels, which is never longer than the transaction of its cancel, nobody does. When
-- it is taken out, what still waits is counted by the index, and what is missing there was cancelled.
CREATE TABLE queue_cancels (batch_row INTEGER PRIMARY KEY);
DROP TRIGGER queue_items_moved;
CREATE TRIGGER queue_items_moved AFTER UPDATE OF state, is_safe, size ON queue_items
WHEN (new.state <> old.state OR new.is_safe <> old.is_safe OR new.size <> old.size)
    AND NOT EXISTS (SELECT 1 FROM queue_cancels WHERE batch_row = old.batch_row) BEGIN
    UPDATE queue_counts SET num_items = num_items - 1, num_bytes = num_bytes - old.size
        WHERE batch_row = old.batch_row AND state = old.state AND is_safe = old.is_safe;
    INSERT INTO queue_counts VALUES (new.batch_row, new.state, new.is_safe, 1, new.size)
        ON CONFLICT (batch_row, state, is_safe) DO UPDATE SET num_items = num_items + 1, num_bytes = num_bytes + excluded.num_bytes;
END;
CREATE TRIGGER queue_drop_cancelled AFTER DELETE ON queue_cancels BEGIN
    INSERT INTO queue_counts SELECT old.batch_row, 'cancelled', is_safe, sum(num_items), sum(num_bytes) FROM (
            SELECT is_safe, num_items, num_bytes FROM queue_counts WHERE batch_row = old.batch_row AND state IN ('queued', 'waiting_to_retry')
            UNION ALL
            SELECT is_safe, -1, -size FROM queue_items WHERE batch_row = old.batch_row AND state IN ('queued', 'waiting_to_retry'))
        GROUP BY is_safe
        ON CONFLICT (batch_row, state, is_safe) DO UPDATE SET num_items = num_items + excluded.num_items, num_bytes = num_bytes + excluded.num_bytes;
    UPDATE queue_counts SET (num_items, num_bytes) = (SELECT count(*), coalesce(sum(i.size), 0) FROM queue_items i
            WHERE i.batch_row = old.batch_row AND i.state = queue_counts.state AND i.is_safe = queue_counts.is_safe)
        WHERE batch_row = old.batch_row AND state IN ('queued', 'waiting_to_retry');
END;

-- And asking of each photo whether it belongs into this index: a list of words is a table of its own for SQLite, comparisons are not.
DROP INDEX queue_items_under_way;
CREATE INDEX queue_items_under_way ON queue_items (state, error_code)
    WHERE state = 'running' OR state = 'waiting_to_retry' OR state = 'needs_you';
