-- An attempt is written once, with its outcome. That one is being made, and since when, is said by its delivery.
ALTER TABLE delivery ADD COLUMN sending_since TIMESTAMP;
UPDATE delivery SET sending_since = (SELECT MAX(a.started_at) FROM delivery_attempt a
    WHERE a.delivery_id = delivery.delivery_id AND a.outcome IS NULL) WHERE state = 'sending';
DELETE FROM delivery_attempt WHERE outcome IS NULL;
DROP INDEX delivery_attempt_delivery;
ALTER TABLE delivery_attempt DROP COLUMN attempt_id, DROP COLUMN worker, ALTER finished_at SET NOT NULL,
    ALTER outcome SET NOT NULL, ADD PRIMARY KEY (delivery_id, started_at, dispatcher);
ALTER TABLE delivery_attempt RESET (fillfactor);

-- Deliveries and parties are never deleted. To look for each again, and to lock it, for every attempt and every contact was a
-- fifth of what it costs to record a message.
ALTER TABLE delivery_attempt DROP CONSTRAINT delivery_attempt_delivery_id_fkey;
ALTER TABLE contact DROP CONSTRAINT contact_party_id_fkey;

-- What is on its way has an index of its own: to begin writes one entry less.
DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE state IN ('queued', 'deferred');
