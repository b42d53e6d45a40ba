-- A retired photo type is not accepted any more (work/catalogue); what there is of it stays.
ALTER TABLE dim_photo_types ADD COLUMN is_active INTEGER NOT NULL DEFAULT 1;
