-- What PostgreSQL lets everybody do who can log in to a database, and nobody is to do in Photolift's: make and change large objects, write into its log, and
-- hold the locks by which one of several servers is chosen. For a superuser, in the database photolift and behind its logins (README.md); again does no harm.
DO $$
DECLARE
    everybodys regprocedure;
BEGIN
    FOR everybodys IN
        SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
            AND p.proname ~ '^(lo_(creat|create|from_bytea|put|truncate|truncate64|unlink)|lowrite|pg_logical_emit_message|pg_(try_)?advisory_(xact_)?lock(_shared)?)$'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', everybodys);
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint), pg_advisory_xact_lock(bigint) TO photolift_owner;
GRANT EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) TO photolift_worker, photolift_retention;
-- A question of an analyst ends after this, unless they ask for more time.
ALTER ROLE photolift_analyst SET statement_timeout = '30s';
