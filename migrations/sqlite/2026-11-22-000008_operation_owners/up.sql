-- The processes that do operations. Each renews alive_until; when that has passed, its work was cut off. A table of its own,
-- so that renewing does not meet the transaction that ends an operation.
DROP INDEX operation_unfinished;
ALTER TABLE operation DROP COLUMN alive_until;
CREATE INDEX operation_unfinished ON operation (owner) WHERE finished_at IS NULL;
CREATE TABLE operation_owner (
    owner BLOB NOT NULL PRIMARY KEY,
    alive_until TIMESTAMP NOT NULL
);
