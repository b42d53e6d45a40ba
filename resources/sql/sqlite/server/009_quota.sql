-- What an account with a quota has stored, each content once; an account without has no row. Kept by triggers, so that whatever moves
-- an object's state is counted. What open uploads reserve is not counted here: it is read from their rows.
CREATE TABLE server_account_use (
    account_id TEXT PRIMARY KEY REFERENCES server_accounts (account_id),
    stored_bytes INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO server_account_use
SELECT account_id, coalesce((SELECT sum(size) FROM server_objects o WHERE o.account_id = a.account_id AND o.state = 'stored'), 0)
FROM server_accounts a WHERE quota_bytes IS NOT NULL;
CREATE TRIGGER server_objects_counted AFTER INSERT ON server_objects WHEN NEW.state = 'stored' BEGIN
    UPDATE server_account_use SET stored_bytes = stored_bytes + NEW.size WHERE account_id = NEW.account_id;
END;
CREATE TRIGGER server_objects_recounted AFTER UPDATE OF state ON server_objects WHEN OLD.state = 'stored' OR NEW.state = 'stored' BEGIN
    UPDATE server_account_use SET stored_bytes = stored_bytes + NEW.size * ((NEW.state = 'stored') - (OLD.state = 'stored'))
    WHERE account_id = NEW.account_id;
END;
CREATE TRIGGER server_objects_uncounted AFTER DELETE ON server_objects WHEN OLD.state = 'stored' BEGIN
    UPDATE server_account_use SET stored_bytes = stored_bytes - OLD.size WHERE account_id = OLD.account_id;
END;
