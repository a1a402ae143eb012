-- What each dispatcher is sending: begun, and without an outcome. Beginning to send writes this one row, and none of the deliveries:
-- a delivery is written once, with its outcome. `deliveries` are ids as in `dispatcher.claimed`; `since` are the
-- microseconds since 1970 when they were begun, each with how many in their order it is of (`time*count`), the last of all that follow.
CREATE TABLE sending (
    dispatcher_id UUID NOT NULL PRIMARY KEY,
    deliveries TEXT NOT NULL DEFAULT '',
    since TEXT NOT NULL DEFAULT ''
);
-- It changes with every commit of the journal: to compress it would take longer than to write it.
ALTER TABLE sending ALTER COLUMN deliveries SET STORAGE EXTERNAL;
INSERT INTO dispatcher (dispatcher_id, leased_until)
SELECT DISTINCT lease_owner, TIMESTAMP '1970-01-01' FROM delivery
WHERE state = 'sending' AND lease_owner NOT IN (SELECT dispatcher_id FROM dispatcher);
INSERT INTO sending (dispatcher_id) SELECT dispatcher_id FROM dispatcher;
UPDATE sending SET deliveries = d.ids, since = d.times
FROM (SELECT lease_owner, string_agg('"' || delivery_id || '"', ',' ORDER BY delivery_id) AS ids,
        string_agg(CAST(EXTRACT(EPOCH FROM sending_since) * 1000000 AS BIGINT) || '*1', ',' ORDER BY delivery_id) AS times
    FROM delivery WHERE state = 'sending' GROUP BY lease_owner) d
WHERE sending.dispatcher_id = d.lease_owner;
DROP INDEX delivery_sending, delivery_due, delivery_unknown, delivery_together, delivery_open;

-- The attempt that sent is told by its delivery: when it began (until `sent_at`), and by which dispatcher. `delivery_attempt` has the
-- others. A delivery is due only while it is queued or deferred: whether it is, the indexes ask with each change of a row, and to ask
-- for its state takes ten times as long.
ALTER TABLE delivery ALTER COLUMN due_at DROP NOT NULL;
ALTER TABLE delivery RENAME COLUMN sending_since TO begun_at;
ALTER TABLE delivery RENAME COLUMN lease_owner TO sent_by;
UPDATE delivery SET begun_at = CASE state WHEN 'unknown' THEN due_at END, due_at = NULL, sent_by = NULL
WHERE state NOT IN ('queued', 'sending', 'deferred');
UPDATE delivery SET state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END, begun_at = NULL, sent_by = NULL
WHERE state = 'sending';
CREATE INDEX delivery_due ON delivery (due_at, delivery_id) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_together ON delivery (message_id, due_at, delivery_id) WHERE message_id IS NOT NULL AND due_at IS NOT NULL;
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_unknown ON delivery (begun_at) WHERE state = 'unknown';

-- Whom a delivery tells beside the party of its own row: those that share it.
DROP INDEX mailing_row_delivery;
CREATE INDEX mailing_row_shared ON mailing_row (mailing_id, delivery_id) WHERE shared IS NOT NULL;

-- Each delivery is changed once, which adds an entry of its id: there is room for it.
ALTER INDEX delivery_pkey SET (fillfactor = 50);
