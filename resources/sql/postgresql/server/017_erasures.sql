-- People who are taken out of the records (work/erasuretable.h): from erased_ms on they are shut out, a day later their names and photos begin to go.
CREATE TABLE server_erasures (
    user_id text PRIMARY KEY,
    account_id text NOT NULL,
    was_active integer NOT NULL, -- what taking it back restores
    erased_ms bigint NOT NULL,
    begun_ms bigint,             -- the second phase: from here on there is no way back
    done_ms bigint               -- nothing is left of it
);

-- Who told what was set aside.
ALTER TABLE staging.batch ADD COLUMN user_id text;
