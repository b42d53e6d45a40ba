-- Whether there is no account but the given one: then what lies in the store and is in no record can be nobody else's (app/server/api/recall.h). Every
-- account counts, whatever it has, since records put back from a copy may not know yet; only the one that every database is made with does not, as
-- long as nobody has come in with it. It sees them all, whoever asks, and says no more than this.
CREATE FUNCTION is_only_account(account text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
    SELECT NOT EXISTS (SELECT FROM server_accounts a WHERE a.account_id <> account AND (a.account_id <> 'local'
        OR EXISTS (SELECT FROM server_users u WHERE u.account_id = 'local' AND (u.user_id <> 'local'
            OR EXISTS (SELECT FROM server_device_tokens t WHERE t.user_id = u.user_id)
            OR EXISTS (SELECT FROM dim_users d WHERE d.user_id = u.user_id)))))
$$;
