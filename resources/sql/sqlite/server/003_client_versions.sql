-- The newest row of the attempt that its client has told, whatever version the server's own row has reached since. By it an event
-- is known as news or as a repeat.
ALTER TABLE server_uploads ADD COLUMN client_row_version INTEGER NOT NULL DEFAULT 0;
