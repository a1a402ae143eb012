DROP TABLE last_message;
DROP INDEX delivery_together;
ALTER TABLE delivery DROP COLUMN message_id;
DROP INDEX mailing_row_shown;
DELETE FROM mailing_row WHERE party_id IS NULL;
ALTER TABLE mailing_row DROP COLUMN shown_in;
ALTER TABLE mailing_row DROP COLUMN name;
ALTER TABLE mailing_row DROP COLUMN addressed_as;
ALTER TABLE mailing_row ALTER COLUMN party_id SET NOT NULL;
