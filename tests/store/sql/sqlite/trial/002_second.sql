ALTER TABLE trial ADD COLUMN b TEXT;
INSERT INTO trial (b) VALUES ('second');
