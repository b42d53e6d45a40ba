-- What each login may do, set again after every migration by the owner of the tables: nobody else makes or changes a table. The logins are made by the
-- administrator of the database beforehand:
--   CREATE ROLE photolift_owner LOGIN; CREATE ROLE photolift_app LOGIN; CREATE ROLE photolift_worker LOGIN;
--   CREATE ROLE photolift_retention LOGIN; CREATE ROLE photolift_analyst LOGIN;
REVOKE ALL ON SCHEMA public, ops, staging FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public, ops, staging FROM PUBLIC, photolift_app, photolift_worker, photolift_retention, photolift_analyst;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA public, ops, staging TO photolift_app, photolift_worker, photolift_retention;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, ops, staging TO photolift_app, photolift_worker, photolift_retention;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, ops, staging TO photolift_app, photolift_worker, photolift_retention;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO photolift_app, photolift_worker, photolift_retention;

-- A new month needs a new table: the one thing the owner does on behalf of the others.
ALTER FUNCTION ensure_month(date) SECURITY DEFINER SET search_path = public, pg_temp;
REVOKE EXECUTE ON FUNCTION ensure_month(date) FROM PUBLIC;

-- What happened is added to, never changed.
REVOKE UPDATE, DELETE ON server_audit FROM photolift_app, photolift_worker, photolift_retention;
-- People and their tokens are the API's business.
REVOKE ALL ON server_device_tokens, server_token_keys FROM photolift_worker, photolift_retention;
-- Facts are trimmed by retention alone.
REVOKE DELETE ON fact_upload_attempts, fact_upload_stages, fact_upload_errors, dim_photos FROM photolift_app, photolift_worker;
