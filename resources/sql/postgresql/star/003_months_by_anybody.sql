-- The servers make their months, and own no tables: it runs as whoever migrated.
ALTER FUNCTION ensure_month(date) SECURITY DEFINER SET search_path = public, pg_temp;
