-- A retired photo type is not accepted any more (work/catalogue); what there is of it stays.
ALTER TABLE dim_photo_types ADD COLUMN is_active boolean NOT NULL DEFAULT true;
