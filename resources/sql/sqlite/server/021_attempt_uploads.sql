-- All uploads of one attempt, also those that others replaced: what is purged takes its names out of each of them.
CREATE INDEX server_uploads_any_of_attempt ON server_uploads (client_upload_id);
