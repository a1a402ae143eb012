-- An attempt is written once, with its outcome. That one is being made, and since when, is said by its delivery.
ALTER TABLE delivery ADD COLUMN sending_since TIMESTAMP;
UPDATE delivery SET sending_since = (SELECT MAX(a.started_at) FROM delivery_attempt a
    WHERE a.delivery_id = delivery.delivery_id AND a.outcome IS NULL) WHERE state = 'sending';
ALTER TABLE delivery_attempt RENAME TO delivery_attempt_before;
CREATE TABLE delivery_attempt (
    delivery_id BLOB NOT NULL,
    started_at TIMESTAMP NOT NULL,
    dispatcher BLOB NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    outcome TEXT NOT NULL,
    code BIGINT,
    detail TEXT,
    PRIMARY KEY (delivery_id, started_at, dispatcher)
) WITHOUT ROWID;
INSERT INTO delivery_attempt (delivery_id, started_at, dispatcher, finished_at, outcome, code, detail)
    SELECT delivery_id, started_at, dispatcher, finished_at, outcome, code, detail FROM delivery_attempt_before
    WHERE outcome IS NOT NULL ORDER BY delivery_id, started_at;
DROP TABLE delivery_attempt_before;

-- What is on its way has an index of its own: to begin writes one entry less.
DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE state IN ('queued', 'deferred');
