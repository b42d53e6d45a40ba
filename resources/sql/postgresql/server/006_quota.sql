-- What an account with a quota has stored, each content once; an account without has no row. Kept by a trigger, so that whatever moves
-- an object's state is counted. What open uploads reserve is not counted here: it is read from their rows.
CREATE TABLE server_account_use (
    account_id text PRIMARY KEY REFERENCES server_accounts (account_id),
    stored_bytes bigint NOT NULL
);
INSERT INTO server_account_use
SELECT account_id, coalesce((SELECT sum(size) FROM server_objects o WHERE o.account_id = a.account_id AND o.state = 'stored'), 0)
FROM server_accounts a WHERE quota_bytes IS NOT NULL;
CREATE FUNCTION server_count_stored() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state = 'stored' THEN
        IF TG_OP = 'UPDATE' AND NEW.state = 'stored' THEN
            RETURN NULL;
        END IF;
        UPDATE server_account_use SET stored_bytes = stored_bytes - OLD.size WHERE account_id = OLD.account_id;
    ELSIF TG_OP <> 'DELETE' AND NEW.state = 'stored' THEN
        UPDATE server_account_use SET stored_bytes = stored_bytes + NEW.size WHERE account_id = NEW.account_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER server_objects_counted AFTER INSERT OR DELETE OR UPDATE OF state ON server_objects
    FOR EACH ROW EXECUTE FUNCTION server_count_stored();
