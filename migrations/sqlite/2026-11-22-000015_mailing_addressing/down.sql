DROP TABLE last_message;
DROP INDEX delivery_together;
ALTER TABLE delivery DROP COLUMN message_id;
CREATE TABLE mailing_row_old (
    mailing_id BLOB NOT NULL REFERENCES mailing (mailing_id),
    row_no BIGINT NOT NULL,
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    channel TEXT NOT NULL,
    address TEXT,
    language TEXT NOT NULL,
    version_no BIGINT,
    merge_values TEXT NOT NULL,
    reason TEXT,
    shared TEXT,
    delivery_id BLOB REFERENCES delivery (delivery_id),
    PRIMARY KEY (mailing_id, row_no)
) WITHOUT ROWID;
INSERT INTO mailing_row_old
SELECT mailing_id, row_no, party_id, channel, address, language, version_no, merge_values, reason, shared, delivery_id
FROM mailing_row WHERE party_id IS NOT NULL;
DROP TABLE mailing_row;
ALTER TABLE mailing_row_old RENAME TO mailing_row;
CREATE INDEX mailing_row_delivery ON mailing_row (delivery_id);
CREATE INDEX mailing_row_party ON mailing_row (party_id);
