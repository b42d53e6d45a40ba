-- Whoever calls this in a transaction of its own comes back when all that it could see has arrived wherever commits have to arrive. A session that ended while its
-- commit waited for a synchronous standby has left rows that everybody sees and the standby may not have. A lock of a row is written into the log, so its
-- commit waits as every other does, and for all that was written before it. It changes nothing, and is in the way of nobody.
CREATE FUNCTION wait_for_standbys() RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
    SELECT 1 FROM server_clock FOR KEY SHARE
$$;
