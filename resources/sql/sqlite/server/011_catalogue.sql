-- What is not to be used any more is retired, never removed: facts go on naming it (work/catalogue says what follows of it).
ALTER TABLE dim_app_versions ADD COLUMN is_active INTEGER NOT NULL DEFAULT 1;
ALTER TABLE dim_storage_locations ADD COLUMN is_active INTEGER NOT NULL DEFAULT 1;
-- People have the type and the test mark of their account in the star, too.
UPDATE dim_users SET user_created_at = p.created_ms, account_type = a.account_type, is_test_account = a.is_test
FROM server_users p JOIN server_accounts a ON a.account_id = p.account_id
WHERE p.user_id = dim_users.user_id AND p.user_id <> 'local';
