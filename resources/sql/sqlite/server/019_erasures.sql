-- People who are taken out of the records (work/erasuretable.h): from erased_ms on they are shut out, a day later their names and photos begin to go.
CREATE TABLE server_erasures (
    user_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    was_active INTEGER NOT NULL, -- what taking it back restores
    erased_ms INTEGER NOT NULL,
    begun_ms INTEGER,            -- the second phase: from here on there is no way back
    done_ms INTEGER              -- nothing is left of it
) WITHOUT ROWID;

-- Who told what was set aside.
ALTER TABLE staging_batch ADD COLUMN user_id TEXT;
