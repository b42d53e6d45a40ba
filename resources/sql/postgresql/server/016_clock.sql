-- What the rounds of retention have seen of the server's clock (work/serverclock.h); one row.
CREATE TABLE server_clock (
    one integer PRIMARY KEY CHECK (one = 1),
    latest_ms bigint NOT NULL, -- the latest time that a round has seen
    round_ms bigint,           -- when the newest round began, by the clock,
    boot text,                 -- since which start of the machine,
    uptime_ms bigint           -- and by the counter that runs since then and is never set
);
INSERT INTO server_clock (one, latest_ms) VALUES (1, 0);
