-- What a dispatcher has claimed and not begun to send: ids, each in quotation marks, with commas between them. A claim writes this
-- one row, and none of the deliveries. `delivery.lease_owner` is who is sending it.
ALTER TABLE dispatcher ADD COLUMN claimed TEXT NOT NULL DEFAULT '';
UPDATE delivery SET lease_owner = NULL WHERE state IN ('queued', 'deferred') AND lease_owner IS NOT NULL;
