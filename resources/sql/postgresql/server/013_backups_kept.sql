-- How long the administrator kept backups by then, in which the photo stays after its purge. NULL: not stated.
ALTER TABLE server_purges ADD COLUMN backups_kept_days integer;
