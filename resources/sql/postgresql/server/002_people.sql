-- Who may come in. An account owns projects, quota and objects, and duplicates are looked for inside it only; a person has one role in one
-- account; a device token lets one device of a person in, until it ends or is taken back.
CREATE TABLE server_accounts (
    account_id text PRIMARY KEY,
    account_name text NOT NULL UNIQUE,
    account_type text NOT NULL, -- person, organisation, test
    is_test boolean NOT NULL DEFAULT false,
    quota_bytes bigint, -- NULL: none
    created_ms bigint NOT NULL,
    is_active boolean NOT NULL DEFAULT true
);
CREATE TABLE server_users (
    user_id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES server_accounts (account_id),
    user_name text NOT NULL UNIQUE,
    role text NOT NULL,
    created_ms bigint NOT NULL,
    is_active boolean NOT NULL DEFAULT true
);
-- 256 random bits need no slow hash: the SHA-256 cannot be turned back.
CREATE TABLE server_device_tokens (
    token_id text PRIMARY KEY,
    user_id text NOT NULL REFERENCES server_users (user_id),
    token_hash bytea NOT NULL UNIQUE,
    label text NOT NULL,
    created_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    revoked_ms bigint
);
CREATE INDEX server_device_tokens_user ON server_device_tokens (user_id);
-- What access tokens are sealed with; all servers of one database share the keys, a new one is made before the newest gets old.
CREATE TABLE server_token_keys (
    key_id text PRIMARY KEY,
    secret bytea NOT NULL,
    created_ms bigint NOT NULL
);
-- The embedded server's one account and person.
INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('local', 'local', 'person', 0);
INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('local', 'local', 'local', 'admin', 0);

-- Every change of rights, export and look at somebody else's data. Rows are added and never changed; each holds the hash of the row before it
-- in its account, so that a changed, missing or moved one shows.
CREATE TABLE server_audit (
    account_id text NOT NULL,
    number bigint NOT NULL, -- 1, 2, ... in its account
    at_ms bigint NOT NULL,
    actor text NOT NULL,     -- user_id, or 'command' for the programs of the administrator
    token_id text,
    request_id text,
    action text NOT NULL,
    subject text NOT NULL,
    detail_json text NOT NULL,
    chain bytea NOT NULL,     -- SHA-256 over the chain of the row before and this row's columns
    PRIMARY KEY (account_id, number)
);
CREATE FUNCTION server_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are never changed or removed';
END
$$;
CREATE TRIGGER server_audit_kept BEFORE UPDATE OR DELETE ON server_audit FOR EACH ROW EXECUTE FUNCTION server_audit_refuse();
CREATE TRIGGER server_audit_stays BEFORE TRUNCATE ON server_audit FOR EACH STATEMENT EXECUTE FUNCTION server_audit_refuse();
