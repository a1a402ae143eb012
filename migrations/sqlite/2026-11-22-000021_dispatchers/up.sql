-- How long a dispatcher holds what it has claimed: one row to renew, however many deliveries it has.
CREATE TABLE dispatcher (
    dispatcher_id BLOB NOT NULL PRIMARY KEY,
    leased_until TIMESTAMP NOT NULL
);
DROP INDEX delivery_sending;
ALTER TABLE delivery DROP COLUMN leased_until;

-- What a mailing still has to send. The state is in no key: each message changes it three times.
DROP INDEX delivery_mailing;
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE state IN ('queued', 'sending', 'deferred');
-- Attempts are found by their delivery.
DROP INDEX delivery_attempt_open;
