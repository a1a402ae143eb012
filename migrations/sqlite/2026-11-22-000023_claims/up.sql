-- A claim changes nothing that is in an index.
DROP INDEX delivery_leased;
CREATE INDEX delivery_sending ON delivery (delivery_id) WHERE state = 'sending';
