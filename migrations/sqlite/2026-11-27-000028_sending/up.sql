-- What each dispatcher is sending: begun, and without an outcome. Beginning to send writes this one row, and none of the deliveries:
-- a delivery is written once, with its outcome. `deliveries` are ids as in `dispatcher.claimed`; `since` are the
-- microseconds since 1970 when they were begun, each with how many in their order it is of (`time*count`), the last of all that follow.
CREATE TABLE sending (
    dispatcher_id BLOB NOT NULL PRIMARY KEY,
    deliveries TEXT NOT NULL DEFAULT '',
    since TEXT NOT NULL DEFAULT ''
);
INSERT INTO dispatcher (dispatcher_id, leased_until)
SELECT DISTINCT lease_owner, '1970-01-01 00:00:00' FROM delivery
WHERE state = 'sending' AND lease_owner NOT IN (SELECT dispatcher_id FROM dispatcher);
INSERT INTO sending (dispatcher_id) SELECT dispatcher_id FROM dispatcher;
UPDATE sending SET deliveries = d.ids, since = d.times
FROM (SELECT lease_owner, group_concat('"' || lower(hex(delivery_id)) || '"', ',' ORDER BY delivery_id) AS ids,
        group_concat((CAST(strftime('%s', sending_since) AS INTEGER) * 1000000) || '*1', ',' ORDER BY delivery_id) AS times
    FROM delivery WHERE state = 'sending' GROUP BY lease_owner) d
WHERE sending.dispatcher_id = d.lease_owner;

-- The attempt that sent is told by its delivery: when it began (until `sent_at`), and by which dispatcher. `delivery_attempt` has the
-- others. A delivery is due only while it is queued or deferred: whether it is, the indexes ask with each change of a row, and to ask
-- for its state takes longer.
CREATE TABLE delivery_new (
    delivery_id BLOB NOT NULL PRIMARY KEY,
    mailing_id BLOB NOT NULL REFERENCES mailing (mailing_id),
    row_no BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    attempts BIGINT NOT NULL,
    due_at TIMESTAMP,
    begun_at TIMESTAMP,
    sent_at TIMESTAMP,
    sent_by BLOB,
    last_code BIGINT,
    last_detail TEXT,
    message_id BLOB
) WITHOUT ROWID;
INSERT INTO delivery_new (delivery_id, mailing_id, row_no, state, reason, attempts, due_at, begun_at, sent_at, last_code,
    last_detail, message_id)
SELECT delivery_id, mailing_id, row_no,
    CASE WHEN state <> 'sending' THEN state WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END, reason, attempts,
    CASE WHEN state IN ('queued', 'sending', 'deferred') THEN due_at END, CASE state WHEN 'unknown' THEN due_at END,
    sent_at, last_code, last_detail, message_id
FROM delivery ORDER BY delivery_id;
DROP TABLE delivery;
ALTER TABLE delivery_new RENAME TO delivery;
CREATE INDEX delivery_due ON delivery (due_at, delivery_id) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_together ON delivery (message_id, due_at, delivery_id) WHERE message_id IS NOT NULL AND due_at IS NOT NULL;
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_unknown ON delivery (begun_at) WHERE state = 'unknown';

-- Whom a delivery tells beside the party of its own row: those that share it.
DROP INDEX mailing_row_delivery;
CREATE INDEX mailing_row_shared ON mailing_row (mailing_id, delivery_id) WHERE shared IS NOT NULL;
