-- A question for bytes that were committed and are not decided yet waits for the decision.
CREATE INDEX server_uploads_committed ON server_uploads (account_id, sha256, size) WHERE state = 'committed';
