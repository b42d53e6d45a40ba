-- What the rounds of retention have seen of the server's clock (work/serverclock.h); one row.
CREATE TABLE server_clock (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    latest_ms INTEGER NOT NULL, -- the latest time that a round has seen
    round_ms INTEGER,           -- when the newest round began, by the clock,
    boot TEXT,                  -- since which start of the machine,
    uptime_ms INTEGER           -- and by the counter that runs since then and is never set
);
INSERT INTO server_clock (one, latest_ms) VALUES (1, 0);
