-- Whose idempotency key it is: the account's for which it is written, as the policies of rights.sql ask. Keys of before are nobody's: a repeat is known
-- as one all the same, and they are forgotten after 30 days.
ALTER TABLE server_requests ADD COLUMN account_id text;
ALTER TABLE server_requests ALTER COLUMN account_id SET DEFAULT acting_account();

-- The people of the account acted for, by their ids; see users_acted_for(). A person's row of dim_users may come after the person.
CREATE FUNCTION user_ids_acted_for() RETURNS text[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = public, pg_temp
    SET enable_seqscan = off
AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(u.user_id), '{}') FROM server_users u WHERE u.account_id = acting_account());
END
$$;
