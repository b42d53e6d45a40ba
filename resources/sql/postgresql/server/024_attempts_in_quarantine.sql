-- As before, and what is in quarantine is found by its attempt, too: its owner removes it with its batch.
-- Looks at so many attempts behind the given one, in the order of their days, and removes those that nothing needs any more: no photo that is there, and
-- no original in quarantine, was brought by them, none is under way, none of their stages and errors is left. Their rows of dim_photos go with them, and the name of a batch with the last
-- path in it. Gives back where it stopped (NULL: at the end) and how many went.
CREATE OR REPLACE FUNCTION trim_attempts(days integer, today date, waits_for_marts boolean, behind_key integer, behind_id bigint, most integer,
    OUT last_key integer, OUT last_id bigint, OUT gone bigint)
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
DECLARE
    floor_key integer := detail_floor(days, today);
    batches bigint[];
BEGIN
    SELECT a.date_key, a.upload_id INTO last_key, last_id FROM fact_upload_attempts a
    WHERE a.date_key < floor_key AND a.date_key >= behind_key AND (a.date_key, a.upload_id) > (behind_key, behind_id)
    ORDER BY a.date_key, a.upload_id OFFSET most - 1 LIMIT 1;
    WITH leaving AS MATERIALIZED (
        SELECT a.date_key, a.upload_id FROM fact_upload_attempts a
        WHERE a.date_key < floor_key AND a.date_key >= behind_key AND (a.date_key, a.upload_id) > (behind_key, behind_id)
            AND (last_key IS NULL OR (a.date_key, a.upload_id) <= (last_key, last_id))
            AND NOT (waits_for_marts AND a.date_key / 100 IN (SELECT d.date_key / 100 FROM ops.dirty_day d))
            AND NOT EXISTS (SELECT FROM fact_upload_errors e WHERE e.date_key = a.date_key AND e.upload_id = a.upload_id)
            AND NOT EXISTS (SELECT FROM fact_upload_stages s WHERE s.date_key = a.date_key AND s.upload_id = a.upload_id)
            AND NOT EXISTS (SELECT FROM server_uploads u WHERE u.client_upload_id = a.client_upload_id::text AND u.state <> 'replaced'
                AND (u.state IN ('open', 'committed')
                OR EXISTS (SELECT FROM server_assets x WHERE x.account_id = u.account_id AND x.sha256 = u.sha256
                    AND x.project_id = u.project_id AND x.relative_path = u.relative_path)
                OR EXISTS (SELECT FROM server_quarantine q WHERE q.account_id = u.account_id AND q.sha256 = u.sha256 AND q.user_id = u.user_id
                    AND q.project_id = u.project_id AND q.relative_path = u.relative_path)))
        FOR UPDATE OF a SKIP LOCKED -- whoever writes one just now has something to do with it
    ), photos AS (
        DELETE FROM dim_photos p USING leaving l WHERE p.date_key = l.date_key AND p.upload_id = l.upload_id
    ), taken AS (
        DELETE FROM fact_upload_attempts a USING leaving l WHERE a.date_key = l.date_key AND a.upload_id = l.upload_id
        RETURNING a.batch_key, a.item_id, a.file_size_bytes, a.upload_status_key, a.row_version
    ), arrived AS (
        INSERT INTO server_arrived AS r (batch_key, item_id, bytes)
        SELECT t.batch_key, t.item_id, max(t.file_size_bytes) FROM taken t JOIN dim_upload_status s ON s.upload_status_key = t.upload_status_key
        WHERE s.is_success_state AND t.row_version > 0 AND t.batch_key <> 0 AND t.item_id IS NOT NULL GROUP BY t.batch_key, t.item_id
        ON CONFLICT (batch_key, item_id) DO UPDATE SET bytes = greatest(r.bytes, excluded.bytes)
    )
    SELECT count(*), array_agg(DISTINCT t.batch_key) INTO gone, batches FROM taken t;
    UPDATE dim_batches b SET batch_name = NULL, source_label = NULL
    WHERE b.batch_key = ANY (batches) AND b.batch_key <> 0 AND (b.batch_name IS NOT NULL OR b.source_label IS NOT NULL)
        AND NOT EXISTS (SELECT FROM fact_upload_attempts a WHERE a.batch_key = b.batch_key AND a.relative_path IS NOT NULL);
END
$$;
