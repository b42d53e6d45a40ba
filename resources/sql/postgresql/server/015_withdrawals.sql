-- Whose upload it is, as the token of its question said: what is told of the attempt later does not change that.
ALTER TABLE server_uploads ADD COLUMN user_id text NOT NULL DEFAULT '';
UPDATE server_uploads SET user_id = coalesce(attempt_json::json #>> '{surroundings,user_id}', '');
CREATE INDEX server_uploads_user ON server_uploads (user_id);

-- Photos that their person has asked to be removed: not to be seen any more, and to go for good a day after removed_ms (work/withdrawaltable.h). A photo
-- that several people brought to the same slot goes with the last of them.
CREATE TABLE server_withdrawals (
    asset_id bigint NOT NULL REFERENCES server_assets (asset_id) ON DELETE CASCADE,
    user_id text NOT NULL,
    account_id text NOT NULL,
    removed_ms bigint NOT NULL,
    PRIMARY KEY (asset_id, user_id)
);
CREATE INDEX server_withdrawals_age ON server_withdrawals (removed_ms);
