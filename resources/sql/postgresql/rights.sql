-- What each login may do, set again after every migration by the owner of the tables: nobody else makes or changes a table. The logins are made by the
-- administrator of the database beforehand:
--   CREATE ROLE photolift_owner LOGIN; CREATE ROLE photolift_app LOGIN; CREATE ROLE photolift_worker LOGIN;
--   CREATE ROLE photolift_retention LOGIN; CREATE ROLE photolift_analyst LOGIN;
-- Each has what its own statements need and nothing else; tests/server/tst_databaserights.cpp has the same as a table, for every table there is.
CREATE SCHEMA IF NOT EXISTS marts;
REVOKE ALL ON SCHEMA public, ops, staging, marts FROM PUBLIC, photolift_app, photolift_worker, photolift_retention, photolift_analyst;
REVOKE ALL ON ALL TABLES IN SCHEMA public, ops, staging, marts FROM PUBLIC, photolift_app, photolift_worker, photolift_retention, photolift_analyst;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public, ops, staging, marts FROM PUBLIC, photolift_app, photolift_worker, photolift_retention, photolift_analyst;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, photolift_app, photolift_worker, photolift_retention, photolift_analyst;
DO $$
BEGIN
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;

-- What all of them ask at their start.
GRANT USAGE ON SCHEMA public TO photolift_app, photolift_worker, photolift_retention;
GRANT SELECT ON server_clock TO photolift_app, photolift_worker, photolift_retention;
GRANT SELECT ON schema_versions, server_state TO photolift_app, photolift_worker, photolift_retention;
GRANT EXECUTE ON FUNCTION ms(bigint), unix_ms(timestamptz), acting_account(), wait_for_standbys() TO photolift_app, photolift_worker, photolift_retention;

-- The API: questions, commits, telemetry, and the commands of the administrator about people and groups.
GRANT USAGE ON SCHEMA ops, staging TO photolift_app;
GRANT INSERT ON server_state TO photolift_app;
GRANT SELECT, INSERT, UPDATE ON server_uploads, server_objects, server_jobs, server_accounts, server_users, server_device_tokens TO photolift_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON server_account_use TO photolift_app;
GRANT SELECT, INSERT ON server_search, server_requests, server_project_ids, server_audit TO photolift_app;
GRANT SELECT, INSERT, UPDATE ON server_assets, server_quarantine TO photolift_app, photolift_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON server_project_rules TO photolift_app;
GRANT SELECT, INSERT, DELETE ON server_token_keys, server_withdrawals, server_erasures TO photolift_app;
GRANT SELECT, DELETE ON server_purged_ids TO photolift_app;
GRANT SELECT ON server_arrived TO photolift_app;
GRANT SELECT, INSERT, UPDATE ON server_reprocess_runs, server_reprocess_jobs TO photolift_app;
GRANT SELECT, INSERT, UPDATE ON dim_device_groups, dim_device_group_members TO photolift_app;
GRANT SELECT, INSERT ON staging.batch TO photolift_app;
GRANT EXECUTE ON FUNCTION ingest_events(jsonb), users_acted_for(), user_ids_acted_for(), ids_of_other_accounts(text, uuid[], uuid[], uuid[], integer[]), is_only_account(text) TO photolift_app;
ALTER FUNCTION ids_of_other_accounts(text, uuid[], uuid[], uuid[], integer[]) SECURITY DEFINER SET search_path = public, pg_temp;

-- The worker: the stages of each photo. It knows no people and no tokens. It is the scheduler's login, too: a new month needs a new table, the
-- one thing that the owner does on behalf of another.
GRANT USAGE ON SCHEMA ops TO photolift_worker;
GRANT SELECT, UPDATE ON server_uploads, server_account_use TO photolift_worker;
GRANT SELECT, UPDATE, DELETE ON server_jobs, server_reprocess_jobs TO photolift_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON server_objects TO photolift_worker;
GRANT SELECT, INSERT ON server_removals TO photolift_worker;
GRANT SELECT, DELETE ON server_withdrawals TO photolift_worker, photolift_retention;
GRANT SELECT, INSERT, UPDATE ON server_search TO photolift_worker;
GRANT SELECT, UPDATE ON server_rereads TO photolift_worker;
GRANT EXECUTE ON FUNCTION ensure_month(date) TO photolift_worker;

-- Both write the star, and neither removes anything of it, but for the nameless row of a project that turns out to be one that is known (work/projecttable):
-- `nameless_alone` below lets no other one go.
GRANT DELETE ON dim_projects TO photolift_app;
GRANT SELECT ON dim_upload_status, dim_dates TO photolift_app, photolift_worker;
GRANT SELECT, INSERT, UPDATE ON dim_users, dim_devices, dim_app_versions, dim_network_connections, dim_photo_types, dim_storage_locations, dim_projects,
    dim_batches, fact_upload_attempts, fact_upload_stages, dim_photos TO photolift_app, photolift_worker;
GRANT SELECT, INSERT ON fact_upload_errors TO photolift_app, photolift_worker;
GRANT SELECT, INSERT ON fact_client_heartbeats TO photolift_app;
GRANT INSERT ON ops.dirty_day TO photolift_app, photolift_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO photolift_app, photolift_worker;

-- Retention: what is over. Of objects it removes the account's row, which counts its quota down.
GRANT USAGE ON SCHEMA staging TO photolift_retention;
GRANT SELECT, UPDATE ON server_uploads, server_account_use TO photolift_retention;
GRANT SELECT ON server_project_rules TO photolift_retention;
GRANT SELECT, UPDATE, DELETE ON server_assets, server_quarantine TO photolift_retention;
GRANT SELECT, DELETE ON server_objects TO photolift_retention;
GRANT SELECT, INSERT, UPDATE, DELETE ON server_removals TO photolift_retention;
GRANT UPDATE ON server_clock, server_withdrawals TO photolift_retention;
GRANT INSERT ON server_purges, server_withdrawals TO photolift_retention;
GRANT SELECT, UPDATE ON server_erasures TO photolift_retention;
GRANT USAGE ON SEQUENCE server_purges_purge_id_seq TO photolift_retention;
GRANT SELECT, DELETE ON server_requests, staging.batch TO photolift_retention;
-- Whole months and late rows of details leave through functions of the owner, which look at the day themselves.
GRANT SELECT, INSERT, UPDATE ON server_trims TO photolift_retention;
GRANT SELECT, INSERT ON server_trim_passes TO photolift_retention;
GRANT EXECUTE ON FUNCTION detail_floor(integer, date), months_to_trim(text, integer, date), months_without_marts(integer), detach_month(text, integer, integer, date, boolean),
    drop_month(text, integer), trim_rows(text, integer, date, boolean, integer), merge_dirty_days(integer),
    trim_attempts(integer, date, boolean, integer, bigint, integer) TO photolift_retention;
-- Of the records of a purged photo it takes the columns with names out, and sees no others but their keys.
GRANT SELECT, INSERT, UPDATE ON server_purged_ids TO photolift_retention;
GRANT SELECT (client_upload_id, item_id, upload_id, date_key, batch_key, project_key, user_key, start_timestamp, relative_path, upload_metadata), UPDATE (relative_path, upload_metadata)
    ON fact_upload_attempts TO photolift_retention;
GRANT SELECT (upload_id, date_key, stage_name, stage_metadata), UPDATE (stage_metadata) ON fact_upload_stages TO photolift_retention;
GRANT SELECT (upload_id, date_key, error_id, error_context), UPDATE (error_message, error_context) ON fact_upload_errors TO photolift_retention;
GRANT SELECT (upload_id, date_key),
    UPDATE (created_timestamp, width_pixels, height_pixels, has_location_data, extracted_metadata, processing_parameters)
    ON dim_photos TO photolift_retention;
GRANT SELECT (batch_key, batch_id, project_key, batch_name, source_label), UPDATE (batch_name, source_label) ON dim_batches TO photolift_retention;
-- Likewise of people who were erased, and of what is theirs.
GRANT SELECT (user_id, account_id), UPDATE (user_name) ON server_users TO photolift_retention;
GRANT SELECT (account_id, account_type), UPDATE (account_name) ON server_accounts TO photolift_retention;
GRANT SELECT (user_id), UPDATE (label) ON server_device_tokens TO photolift_retention;
GRANT SELECT (user_id, user_key), UPDATE (user_preferences) ON dim_users TO photolift_retention;
GRANT SELECT (project_key, owner_user_key), UPDATE (project_name) ON dim_projects TO photolift_retention;

-- The analyst reads marts.
GRANT USAGE ON SCHEMA marts TO photolift_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA marts TO photolift_analyst;

-- The reader is there only where somebody has a replica: it sees how the projects of the account asked for stand, and writes nothing.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'photolift_reader') THEN
        REVOKE ALL ON SCHEMA public, ops, staging, marts FROM photolift_reader;
        REVOKE ALL ON ALL TABLES IN SCHEMA public, ops, staging, marts FROM photolift_reader;
        GRANT USAGE ON SCHEMA public TO photolift_reader;
        GRANT EXECUTE ON FUNCTION acting_account(), users_acted_for(), user_ids_acted_for() TO photolift_reader;
        GRANT SELECT (project_key, project_id, project_name, state, is_active, owner_user_key) ON dim_projects TO photolift_reader;
        GRANT SELECT (batch_key, project_key, num_photos, total_bytes) ON dim_batches TO photolift_reader;
        GRANT SELECT (batch_key, item_id, bytes) ON server_arrived TO photolift_reader;
        GRANT SELECT (user_key, user_id) ON dim_users TO photolift_reader;
        GRANT SELECT (user_id, user_name, account_id) ON server_users TO photolift_reader;
        GRANT SELECT (upload_status_key, is_success_state) ON dim_upload_status TO photolift_reader;
        GRANT SELECT (batch_key, item_id, file_size_bytes, upload_status_key, row_version, user_key) ON fact_upload_attempts TO photolift_reader;
    END IF;
END
$$;

-- Row by row, for whoever may touch a table at all, its owner included. The API sees what belongs to the account of the request at hand; the worker
-- and retention serve all accounts. Errors and photos have no owner of their own and are their attempt's. Devices are nobody's, as people of two accounts
-- may use one, nor are further ids of projects, which have to be found to be refused; stages are many, and looking for the attempt of each would slow telemetry
-- down (README.md): with these three it is enough that somebody is acted for.
DO $$
DECLARE
    acting text := '(SELECT acting_account())';
    anybody text := acting || ' IS NOT NULL';
    everybody text := acting || ' = ''*''';
    same_account text := format('account_id = %s OR %s', acting, everybody);
    same_people text := '%1$I = 0 AND ' || anybody || ' OR ' || everybody || ' OR %1$I = ANY ((SELECT users_acted_for())::bigint[])';
    of_attempt text := 'EXISTS (SELECT FROM fact_upload_attempts a WHERE a.date_key = %1$s.date_key AND a.upload_id = %1$s.upload_id)';
    own_people text := 'user_id = ANY ((SELECT user_ids_acted_for())::text[]) OR ' || everybody;
    guarded text[][] := ARRAY[
        ['server_uploads', same_account],
        ['server_objects', same_account],
        ['server_assets', same_account],
        ['server_project_rules', same_account],
        ['server_purges', same_account],
        ['server_withdrawals', same_account],
        ['server_quarantine', same_account],
        ['server_erasures', same_account],
        ['server_removals', everybody],
        ['server_purged_ids', same_account],
        ['server_reprocess_runs', everybody],
        ['server_reprocess_jobs', everybody],
        ['server_accounts', same_account],
        ['server_account_use', same_account],
        ['server_users', same_account],
        ['server_audit', same_account],
        ['server_device_tokens', 'EXISTS (SELECT FROM server_users u WHERE u.user_id = server_device_tokens.user_id)'],
        ['server_search', 'EXISTS (SELECT FROM server_assets a WHERE a.asset_id = server_search.asset_id)'],
        ['server_token_keys', everybody],
        ['dim_projects', format(same_people, 'owner_user_key')],
        ['dim_batches', 'project_key = 0 AND ' || anybody
            || ' OR EXISTS (SELECT FROM dim_projects p WHERE p.project_key = dim_batches.project_key)'],
        ['server_arrived', 'EXISTS (SELECT FROM dim_batches b WHERE b.batch_key = server_arrived.batch_key)'],
        ['fact_upload_attempts', format(same_people, 'user_key')],
        ['fact_client_heartbeats', format(same_people, 'user_key')],
        ['fact_upload_stages', anybody],
        ['fact_upload_errors', format(of_attempt, 'fact_upload_errors')],
        ['dim_photos', format(of_attempt, 'dim_photos')],
        ['dim_users', 'user_key = 0 AND ' || anybody || ' OR ' || own_people],
        ['dim_devices', anybody],
        ['dim_device_group_members', everybody],
        ['server_requests', same_account],
        ['server_project_ids', anybody],
        ['staging.batch', own_people]];
    named text;
    rule text;
BEGIN
    FOR i IN 1..array_length(guarded, 1) LOOP
        named := guarded[i][1];
        rule := guarded[i][2];
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', named);
        EXECUTE format('DROP POLICY IF EXISTS of_owner ON %s', named);
        EXECUTE format('CREATE POLICY of_owner ON %s TO CURRENT_USER USING (true)', named);
        EXECUTE format('DROP POLICY IF EXISTS of_everybody ON %s', named);
        EXECUTE format('CREATE POLICY of_everybody ON %s TO photolift_worker, photolift_retention USING (true)', named);
        EXECUTE format('DROP POLICY IF EXISTS of_account ON %s', named);
        EXECUTE format('CREATE POLICY of_account ON %s TO photolift_app USING (%s)', named, rule);
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'photolift_reader') THEN
            EXECUTE format('DROP POLICY IF EXISTS of_reader ON %s', named);
            EXECUTE format('CREATE POLICY of_reader ON %s FOR SELECT TO photolift_reader USING (%s)', named, rule);
        END IF;
    END LOOP;
    DROP POLICY IF EXISTS nameless_alone ON dim_projects;
    CREATE POLICY nameless_alone ON dim_projects AS RESTRICTIVE FOR DELETE TO photolift_app USING (project_key > 0 AND project_name IS NULL);
END
$$;
