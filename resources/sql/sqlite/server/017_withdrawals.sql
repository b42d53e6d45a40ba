-- Whose upload it is, as the token of its question said: what is told of the attempt later does not change that.
ALTER TABLE server_uploads ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
UPDATE server_uploads SET user_id = coalesce(json_extract(attempt_json, '$.surroundings.user_id'), '');
CREATE INDEX server_uploads_user ON server_uploads (user_id);

-- Photos that their person has asked to be removed: not to be seen any more, and to go for good a day after removed_ms (work/withdrawaltable.h). A photo
-- that several people brought to the same slot goes with the last of them.
CREATE TABLE server_withdrawals (
    asset_id INTEGER NOT NULL REFERENCES server_assets (asset_id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    removed_ms INTEGER NOT NULL,
    PRIMARY KEY (asset_id, user_id)
) WITHOUT ROWID;
CREATE INDEX server_withdrawals_age ON server_withdrawals (removed_ms);
