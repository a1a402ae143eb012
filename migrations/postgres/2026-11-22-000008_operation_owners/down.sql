DROP TABLE operation_owner;
DROP INDEX operation_unfinished;
ALTER TABLE operation ADD COLUMN alive_until TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
CREATE INDEX operation_unfinished ON operation (alive_until) WHERE finished_at IS NULL;
