ALTER INDEX delivery_pkey RESET (fillfactor);
DROP INDEX mailing_row_shared;
CREATE INDEX mailing_row_delivery ON mailing_row (delivery_id);
INSERT INTO delivery_attempt (delivery_id, started_at, dispatcher, finished_at, outcome, code, detail)
SELECT delivery_id, begun_at, sent_by, sent_at, 'sent', last_code, last_detail FROM delivery
WHERE begun_at IS NOT NULL AND sent_by IS NOT NULL AND sent_at IS NOT NULL ON CONFLICT DO NOTHING;
DROP INDEX delivery_due, delivery_unknown, delivery_together, delivery_open;
UPDATE delivery SET due_at = COALESCE(sent_at, begun_at, TIMESTAMP '1970-01-01') WHERE due_at IS NULL;
UPDATE delivery SET begun_at = NULL, sent_by = NULL WHERE begun_at IS NOT NULL OR sent_by IS NOT NULL;
ALTER TABLE delivery RENAME COLUMN begun_at TO sending_since;
ALTER TABLE delivery RENAME COLUMN sent_by TO lease_owner;
ALTER TABLE delivery ALTER COLUMN due_at SET NOT NULL;
UPDATE delivery SET state = 'sending', lease_owner = s.dispatcher_id, sending_since = s.began
FROM (SELECT dispatcher_id, unnest(CAST('{' || deliveries || '}' AS uuid[])) AS delivery_id,
        TIMESTAMP '1970-01-01' + CAST(split_part(since, '*', 1) AS BIGINT) * INTERVAL '1 microsecond' AS began
    FROM sending WHERE deliveries <> '') s
WHERE delivery.delivery_id = s.delivery_id AND delivery.state IN ('queued', 'deferred');
CREATE INDEX delivery_due ON delivery (due_at, delivery_id) WHERE state IN ('queued', 'deferred');
CREATE INDEX delivery_unknown ON delivery (due_at) WHERE state = 'unknown';
CREATE INDEX delivery_together ON delivery (message_id, due_at, delivery_id)
    WHERE message_id IS NOT NULL AND state IN ('queued', 'deferred');
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE state IN ('queued', 'deferred');
CREATE INDEX delivery_sending ON delivery (delivery_id) WHERE state = 'sending';
DROP TABLE sending;
