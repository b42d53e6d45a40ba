-- "Have you these 500 hashes?" among 150 million rows is 500 leaves of an index and, for those that are there, as many rows anywhere in a table
-- that no memory holds. What it asks for stands in the index now: the rows stay unread. On a large table this takes minutes, and
-- whoever asks meanwhile is told to come later.
ALTER TABLE server_objects DROP CONSTRAINT server_objects_pkey, ADD PRIMARY KEY (sha256, size, account_id) INCLUDE (state);
