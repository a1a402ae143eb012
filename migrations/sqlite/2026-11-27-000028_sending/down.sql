DROP INDEX mailing_row_shared;
CREATE INDEX mailing_row_delivery ON mailing_row (delivery_id);
INSERT INTO delivery_attempt (delivery_id, started_at, dispatcher, finished_at, outcome, code, detail)
SELECT delivery_id, begun_at, sent_by, sent_at, 'sent', last_code, last_detail FROM delivery
WHERE begun_at IS NOT NULL AND sent_by IS NOT NULL AND sent_at IS NOT NULL ON CONFLICT DO NOTHING;
CREATE TABLE delivery_old (
    delivery_id BLOB NOT NULL PRIMARY KEY,
    mailing_id BLOB NOT NULL REFERENCES mailing (mailing_id),
    row_no BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    attempts BIGINT NOT NULL,
    due_at TIMESTAMP NOT NULL,
    lease_owner BLOB,
    sending_since TIMESTAMP,
    sent_at TIMESTAMP,
    last_code BIGINT,
    last_detail TEXT,
    message_id BLOB
) WITHOUT ROWID;
INSERT INTO delivery_old (delivery_id, mailing_id, row_no, state, reason, attempts, due_at, sent_at, last_code, last_detail, message_id)
SELECT delivery_id, mailing_id, row_no, state, reason, attempts, COALESCE(due_at, sent_at, begun_at, '1970-01-01 00:00:00'),
    sent_at, last_code, last_detail, message_id
FROM delivery ORDER BY delivery_id;
DROP TABLE delivery;
ALTER TABLE delivery_old RENAME TO delivery;
UPDATE delivery SET state = 'sending', lease_owner = s.dispatcher_id, sending_since = s.began
FROM (SELECT w.dispatcher_id, unhex(id.value, '-') AS delivery_id,
        strftime('%Y-%m-%d %H:%M:%f', CAST(w.since AS INTEGER) / 1000000.0, 'unixepoch') AS began
    FROM sending w, json_each('[' || w.deliveries || ']') id) s
WHERE delivery.delivery_id = s.delivery_id AND delivery.state IN ('queued', 'deferred');
CREATE INDEX delivery_due ON delivery (due_at, delivery_id) WHERE state IN ('queued', 'deferred');
CREATE INDEX delivery_unknown ON delivery (due_at) WHERE state = 'unknown';
CREATE INDEX delivery_together ON delivery (message_id, due_at, delivery_id)
    WHERE message_id IS NOT NULL AND state IN ('queued', 'deferred');
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE state IN ('queued', 'deferred');
CREATE INDEX delivery_sending ON delivery (delivery_id) WHERE state = 'sending';
DROP TABLE sending;
