-- The months (yyyymm) before a day whose aggregates have still to be made: whoever trims sees these, and no day.
CREATE FUNCTION months_without_marts(before_key integer) RETURNS SETOF integer
    LANGUAGE sql STABLE
    SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
    SELECT DISTINCT d.date_key / 100 FROM ops.dirty_day d WHERE d.date_key < before_key ORDER BY 1;
$$;
