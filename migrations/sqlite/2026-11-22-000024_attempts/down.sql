DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE state IN ('queued', 'sending', 'deferred');
ALTER TABLE delivery_attempt RENAME TO delivery_attempt_before;
CREATE TABLE delivery_attempt (
    attempt_id BLOB NOT NULL PRIMARY KEY,
    delivery_id BLOB NOT NULL REFERENCES delivery (delivery_id),
    dispatcher BLOB NOT NULL,
    worker BIGINT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    outcome TEXT,
    code BIGINT,
    detail TEXT
);
INSERT INTO delivery_attempt (attempt_id, delivery_id, dispatcher, worker, started_at, finished_at, outcome, code, detail)
    SELECT randomblob(16), delivery_id, dispatcher, 0, started_at, finished_at, outcome, code, detail
    FROM delivery_attempt_before;
INSERT INTO delivery_attempt (attempt_id, delivery_id, dispatcher, worker, started_at)
    SELECT randomblob(16), delivery_id, lease_owner, 0, sending_since FROM delivery
    WHERE state = 'sending' AND lease_owner IS NOT NULL AND sending_since IS NOT NULL;
DROP TABLE delivery_attempt_before;
CREATE INDEX delivery_attempt_delivery ON delivery_attempt (delivery_id);
ALTER TABLE delivery DROP COLUMN sending_since;
