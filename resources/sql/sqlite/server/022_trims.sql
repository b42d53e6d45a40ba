-- Details that have had their days (ANALYTICS.md 4): what left, when and by which rule. A refresh of aggregates finds here how far back details are
-- whole: nothing before the newest before_key of a table is.
CREATE TABLE server_trims (
    table_name TEXT NOT NULL,
    month INTEGER NOT NULL,      -- yyyymm
    before_key INTEGER NOT NULL, -- the first day that stays
    rule TEXT NOT NULL,          -- such as: after 30 days
    row_count INTEGER NOT NULL,
    trimmed_ms INTEGER NOT NULL, -- the last of them
    PRIMARY KEY (table_name, month, before_key, rule)
) WITHOUT ROWID;
-- When a round found last that the clock had been set; NULL: no round has looked for it yet.
ALTER TABLE server_clock ADD COLUMN set_ms INTEGER;
