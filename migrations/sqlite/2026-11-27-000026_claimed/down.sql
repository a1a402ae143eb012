ALTER TABLE dispatcher DROP COLUMN claimed;
