-- Who may come in. An account owns projects, quota and objects, and duplicates are looked for inside it only; a person has one role in one
-- account; a device token lets one device of a person in, until it ends or is taken back.
CREATE TABLE server_accounts (
    account_id TEXT PRIMARY KEY,
    account_name TEXT NOT NULL UNIQUE,
    account_type TEXT NOT NULL, -- person, organisation, test
    is_test INTEGER NOT NULL DEFAULT 0,
    quota_bytes INTEGER, -- NULL: none
    created_ms INTEGER NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE server_users (
    user_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES server_accounts (account_id),
    user_name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1
);
-- 256 random bits need no slow hash: the SHA-256 cannot be turned back.
CREATE TABLE server_device_tokens (
    token_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES server_users (user_id),
    token_hash BLOB NOT NULL UNIQUE,
    label TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    revoked_ms INTEGER
);
CREATE INDEX server_device_tokens_user ON server_device_tokens (user_id);
-- What access tokens are sealed with; all servers of one database share the keys, a new one is made before the newest gets old.
CREATE TABLE server_token_keys (
    key_id TEXT PRIMARY KEY,
    secret BLOB NOT NULL,
    created_ms INTEGER NOT NULL
);
-- The embedded server's one account and person.
INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('local', 'local', 'person', 0);
INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('local', 'local', 'local', 'admin', 0);

-- Every change of rights, export and look at somebody else's data. Rows are added and never changed; each holds the hash of the row before it
-- in its account, so that a changed, missing or moved one shows.
CREATE TABLE server_audit (
    account_id TEXT NOT NULL,
    number INTEGER NOT NULL, -- 1, 2, ... in its account
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,     -- user_id, or 'command' for the programs of the administrator
    token_id TEXT,
    request_id TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail_json TEXT NOT NULL,
    chain BLOB NOT NULL,     -- SHA-256 over the chain of the row before and this row's columns
    PRIMARY KEY (account_id, number)
);
CREATE TRIGGER server_audit_kept BEFORE UPDATE ON server_audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER server_audit_stays BEFORE DELETE ON server_audit BEGIN SELECT RAISE(ABORT, 'audit rows are never removed'); END;
