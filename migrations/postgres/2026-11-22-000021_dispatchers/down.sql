CREATE INDEX delivery_attempt_open ON delivery_attempt (started_at) WHERE outcome IS NULL;
DROP INDEX delivery_open;
CREATE INDEX delivery_mailing ON delivery (mailing_id, state);
ALTER TABLE delivery ADD COLUMN leased_until TIMESTAMP;
CREATE INDEX delivery_sending ON delivery (leased_until) WHERE state = 'sending';
DROP TABLE dispatcher;
