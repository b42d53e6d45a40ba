-- What the policies of rights.sql ask: on behalf of which account the connection works, as it says with each job ('*': all of them, the server's own
-- business). Without a word nobody is meant, and no row is seen. They ask in a sub-select, so once for each statement and not for each row.
CREATE FUNCTION acting_account() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('photolift.account', true), '');

-- The people of that account, as facts name them. It sees all of them, whoever asks. Found by index, so that SERIALIZABLE does not take a new
-- person for a conflict with everybody's work.
CREATE INDEX server_users_account ON server_users (account_id);
CREATE FUNCTION users_acted_for() RETURNS bigint[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = public, pg_temp
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
AS $$
BEGIN
    -- In a language that keeps its plans: this is asked some ten times for each batch of telemetry.
    RETURN (SELECT coalesce(array_agg(d.user_key), '{}') FROM server_users u JOIN dim_users d ON d.user_id = u.user_id
        WHERE u.account_id = acting_account());
END
$$;

-- A partition is reached through its table, whose policies count then; by itself it is its owner's alone.
CREATE FUNCTION guard_partition(part regclass) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = part) THEN
        EXECUTE format('CREATE POLICY of_owner ON %s TO CURRENT_USER USING (true)', part);
    END IF;
END
$$;
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT oid::regclass FROM pg_class WHERE relispartition AND relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        PERFORM guard_partition(part);
    END LOOP;
END
$$;
-- As before, and now also beside transactions that write: what they are about to put into the DEFAULT partitions is waited for, and moved. It needs READ
-- COMMITTED, to see that.
CREATE OR REPLACE FUNCTION ensure_month(day date) RETURNS void
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
DECLARE
    first_key integer := to_char(day, 'YYYYMM')::integer * 100;
    next_key integer := to_char(day + interval '1 month' - (extract(day FROM day) - 1) * interval '1 day', 'YYYYMM')::integer * 100;
    parent text;
    month text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('photolift.ensure_month'));
    IF to_regclass(format('dim_photos_p%s', first_key / 100)) IS NULL THEN
        LOCK TABLE fact_upload_attempts_default, fact_upload_stages_default, fact_upload_errors_default, dim_photos_default
            IN SHARE ROW EXCLUSIVE MODE;
    END IF;
    FOREACH parent IN ARRAY ARRAY['fact_upload_attempts', 'fact_upload_stages', 'fact_upload_errors', 'dim_photos'] LOOP
        month := format('%s_p%s', parent, first_key / 100);
        CONTINUE WHEN to_regclass(format('%I.%I', current_schema(), month)) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', month, parent);
        PERFORM guard_partition(month::regclass);
        EXECUTE format('WITH moved AS (DELETE FROM %I WHERE date_key >= %s AND date_key < %s RETURNING *) INSERT INTO %I SELECT * FROM moved',
            parent || '_default', first_key, next_key, month);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, month, first_key, next_key);
    END LOOP;
END
$$;
