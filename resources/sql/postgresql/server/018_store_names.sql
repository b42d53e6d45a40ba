-- What the store calls an upload that was begun, and the checksums that its links were signed for: no server asks the store for them.
ALTER TABLE server_uploads ADD COLUMN store_name text NOT NULL DEFAULT '';
ALTER TABLE server_uploads ADD COLUMN part_checksums text NOT NULL DEFAULT ''; -- of all parts, in their order, with spaces between; empty: not known
