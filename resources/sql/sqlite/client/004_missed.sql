-- Skipped, and a person may miss it: an empty file, or one that only its name makes a photo (severity 3 of the list of errors). A drop
-- with some never counts as whole. Of what was skipped before, only the code is known here.
ALTER TABLE queue_items ADD COLUMN is_missed INTEGER NOT NULL DEFAULT 0;
UPDATE queue_items SET is_missed = 1 WHERE state = 'skipped' AND error_code = 'SELECTION_FILE_EMPTY';
CREATE INDEX queue_items_missed ON queue_items (batch_row) WHERE state = 'skipped' AND is_missed = 1;
