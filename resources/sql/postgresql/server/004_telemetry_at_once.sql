-- The star keeps the newest event of a project itself; batches only grow.
UPDATE dim_projects p SET event_id = n.event_id::uuid
FROM server_newest_events n
WHERE n.kind = 'project' AND n.entity_id = p.project_id::text AND p.event_id IS NULL;
DROP TABLE server_newest_events;

-- Of all these ids, the ones that are another account's already; what app/server/api/ownership.h asks for one by one. For the planner's
-- settings see ingest_events.
CREATE FUNCTION ids_of_other_accounts(account text, projects uuid[], batches uuid[], attempts uuid[], days integer[]) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
AS $$
BEGIN
    RETURN QUERY
        SELECT d.project_id FROM unnest(projects) AS g (id)
        JOIN dim_projects d ON d.project_id = g.id
        JOIN dim_users u ON u.user_key = d.owner_user_key
        JOIN server_users p ON p.user_id = u.user_id
        WHERE p.account_id <> account
        UNION ALL
        SELECT b.batch_id FROM unnest(batches) AS g (id)
        JOIN dim_batches b ON b.batch_id = g.id
        JOIN dim_projects d ON d.project_key = b.project_key
        JOIN dim_users u ON u.user_key = d.owner_user_key
        JOIN server_users p ON p.user_id = u.user_id
        WHERE p.account_id <> account
        UNION ALL
        SELECT a.client_upload_id FROM unnest(attempts, days) AS g (id, day)
        JOIN fact_upload_attempts a ON a.client_upload_id = g.id AND a.date_key = g.day
        JOIN dim_users u ON u.user_key = a.user_key
        JOIN server_users p ON p.user_id = u.user_id
        WHERE p.account_id <> account;
END
$$;
