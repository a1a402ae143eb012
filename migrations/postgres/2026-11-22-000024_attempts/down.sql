DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE state IN ('queued', 'sending', 'deferred');
ALTER TABLE contact ADD CONSTRAINT contact_party_id_fkey FOREIGN KEY (party_id) REFERENCES party (party_id);
ALTER TABLE delivery_attempt DROP CONSTRAINT delivery_attempt_pkey;
ALTER TABLE delivery_attempt ADD COLUMN attempt_id UUID NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
    ADD COLUMN worker BIGINT NOT NULL DEFAULT 0, ALTER finished_at DROP NOT NULL, ALTER outcome DROP NOT NULL;
ALTER TABLE delivery_attempt ALTER attempt_id DROP DEFAULT, ALTER worker DROP DEFAULT,
    ADD CONSTRAINT delivery_attempt_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery (delivery_id);
CREATE INDEX delivery_attempt_delivery ON delivery_attempt (delivery_id);
INSERT INTO delivery_attempt (attempt_id, delivery_id, dispatcher, worker, started_at)
    SELECT gen_random_uuid(), delivery_id, lease_owner, 0, sending_since FROM delivery
    WHERE state = 'sending' AND lease_owner IS NOT NULL AND sending_since IS NOT NULL;
ALTER TABLE delivery DROP COLUMN sending_since;
ALTER TABLE delivery_attempt SET (fillfactor = 50);
