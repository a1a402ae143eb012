-- A claim changes nothing that is in an index, and there is room for the changed row beside the old one: no index is written for
-- it. Nor is one for the outcome of an attempt.
DROP INDEX delivery_leased;
CREATE INDEX delivery_sending ON delivery (delivery_id) WHERE state = 'sending';
ALTER TABLE delivery SET (fillfactor = 50);
ALTER TABLE delivery_attempt SET (fillfactor = 50);
