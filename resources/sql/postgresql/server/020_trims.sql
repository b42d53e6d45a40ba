-- Details that have had their days (ANALYTICS.md 4): what left, when and by which rule. A refresh of aggregates finds here how far back details are
-- whole: nothing before the newest before_key of a table is.
CREATE TABLE server_trims (
    table_name text NOT NULL,
    month integer NOT NULL,      -- yyyymm, which left as a whole; 0: rows without a partition
    before_key integer NOT NULL, -- the first day that stays
    rule text NOT NULL,          -- such as: after 30 days
    row_count bigint NOT NULL,
    trimmed_ms bigint NOT NULL,  -- the last of them
    PRIMARY KEY (table_name, month, before_key, rule)
);
-- When a round found last that the clock had been set; NULL: no round has looked for it yet.
ALTER TABLE server_clock ADD COLUMN set_ms bigint;

-- The first day that stays, always the first of a month: a month leaves when its youngest day has had its days. The earlier of two clocks counts, that
-- of the caller and the database's own, and nothing of the last week leaves, whoever asks.
CREATE FUNCTION detail_floor(days integer, today date) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path = public, pg_temp
AS $$
BEGIN
    IF (days >= 7) IS NOT TRUE THEN
        RAISE EXCEPTION 'the last week stays' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN to_char(least(today, (now() AT TIME ZONE 'UTC')::date) - days, 'YYYYMM')::integer * 100;
END
$$;

-- The months before that day that have a partition, and those that detach_month() left behind; the oldest first.
CREATE FUNCTION months_to_trim(detail text, days integer, today date) RETURNS SETOF integer
    LANGUAGE plpgsql STABLE
    SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT DISTINCT m.month
        FROM (SELECT CASE WHEN c.relname ~ format('^%s_(p|over)[0-9]{6}$', detail) THEN right(c.relname::text, 6)::integer END AS month
            FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r') AS m
        WHERE m.month < detail_floor(days, today) / 100
        ORDER BY m.month;
END
$$;

-- Takes one month out of its table, as a table of its own that drop_month() removes: for the moment of this alone everybody else has to wait, and nobody
-- for long. 'detached', also when somebody else had done so; 'waits': its aggregates are still to be made; 'busy': somebody reads or writes for long,
-- another time; 'gone'. Needs READ COMMITTED: what was written until the lock was had is seen.
CREATE FUNCTION detach_month(detail text, month integer, days integer, today date, waits_for_marts boolean) RETURNS text
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = public, pg_temp
    -- Longer than deadlock_timeout, after which PostgreSQL ends a vacuum that is in the way.
    SET lock_timeout = '1500ms'
AS $$
DECLARE
    part text := format('%s_p%s', detail, month);
    leaving text := format('%s_over%s', detail, month);
BEGIN
    IF (detail IN ('fact_upload_stages', 'fact_upload_errors') AND month < detail_floor(days, today) / 100) IS NOT TRUE THEN
        RAISE EXCEPTION 'this is no detail, or no month that has had its days' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('photolift.ensure_month'));
    IF to_regclass(leaving) IS NOT NULL THEN
        RETURN 'detached';
    ELSIF to_regclass(part) IS NULL THEN
        RETURN 'gone';
    ELSIF waits_for_marts AND EXISTS (SELECT FROM ops.dirty_day d WHERE d.date_key / 100 = month) THEN
        RETURN 'waits';
    END IF;
    EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', detail);
    -- Once more: what was being written has been committed.
    IF waits_for_marts AND EXISTS (SELECT FROM ops.dirty_day d WHERE d.date_key / 100 = month) THEN
        RETURN 'waits';
    END IF;
    EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', detail, part);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', part, leaving);
    RETURN 'detached';
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN 'busy';
END
$$;

-- Removes a month that detach_month() took out; how many rows went with it, or NULL when there is none. Stages that an error still names stay as long as
-- the error, among what came late.
CREATE FUNCTION drop_month(detail text, month integer) RETURNS bigint
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = public, pg_temp
    SET lock_timeout = '1500ms'
AS $$
DECLARE
    leaving text := format('%s_over%s', detail, month);
    there bigint;
    staying bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('photolift.ensure_month'));
    IF (detail IN ('fact_upload_stages', 'fact_upload_errors')) IS NOT TRUE OR to_regclass(leaving) IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT count(*) FROM %I', leaving) INTO there;
    IF detail = 'fact_upload_stages' THEN
        EXECUTE format('INSERT INTO fact_upload_stages SELECT s.* FROM %I s WHERE EXISTS (SELECT FROM fact_upload_errors e'
            ' WHERE e.date_key = s.date_key AND e.upload_id = s.upload_id AND e.stage_id = s.stage_id) ON CONFLICT DO NOTHING', leaving);
        GET DIAGNOSTICS staying = ROW_COUNT;
    END IF;
    EXECUTE format('DROP TABLE %I', leaving);
    RETURN there - staying;
END
$$;

-- Rows of months without a partition: what came late, or before there was one, from a clock that is wrong. At most so many; how many went.
CREATE FUNCTION trim_rows(detail text, days integer, today date, waits_for_marts boolean, most integer) RETURNS bigint
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
DECLARE
    floor_key integer := detail_floor(days, today);
    gone bigint;
BEGIN
    IF (detail IN ('fact_upload_stages', 'fact_upload_errors')) IS NOT TRUE THEN
        RAISE EXCEPTION 'this is no detail' USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM %1$I t WHERE t.date_key < $1'
        ' AND NOT ($2 AND t.date_key / 100 IN (SELECT d.date_key / 100 FROM ops.dirty_day d))%2$s LIMIT $3))',
        detail || '_default',
        CASE detail WHEN 'fact_upload_stages' THEN ' AND NOT EXISTS (SELECT FROM fact_upload_errors e'
            ' WHERE e.date_key = t.date_key AND e.upload_id = t.upload_id AND e.stage_id = t.stage_id)' ELSE '' END)
    USING floor_key, waits_for_marts, most;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

-- One mark says of a day what a thousand do. The new mark is committed after the old ones, so that a refresh that takes marks meanwhile leaves it to
-- the next. How many there were among those looked at.
CREATE FUNCTION merge_dirty_days(most integer) RETURNS bigint
    LANGUAGE sql
    SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
    WITH taken AS (DELETE FROM ops.dirty_day WHERE ctid = ANY (ARRAY(SELECT d.ctid FROM ops.dirty_day d LIMIT most)) RETURNING date_key),
        merged AS (INSERT INTO ops.dirty_day SELECT DISTINCT t.date_key FROM taken t)
    SELECT count(*) FROM taken;
$$;
