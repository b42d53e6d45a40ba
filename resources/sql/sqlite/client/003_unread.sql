-- What a walk left out because it could not be read, apart from links and special files: nobody knows what is in it, so a drop with some
-- never counts as whole. The old column counted both and was shown nowhere.
ALTER TABLE queue_batches DROP COLUMN num_left_out;
ALTER TABLE queue_batches ADD COLUMN num_unread INTEGER NOT NULL DEFAULT 0;
