-- When each client was last heard of, by our clock: what it says of its own may be years ahead.
CREATE INDEX fact_client_heartbeats_heard ON fact_client_heartbeats (device_key, received_timestamp DESC, captured_timestamp DESC)
    WHERE received_timestamp IS NOT NULL;
