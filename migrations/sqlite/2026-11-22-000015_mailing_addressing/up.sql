-- How a row is addressed: to, cc or bcc. One without a party is an extra address, with whose it is, where that was written.
-- shown_in: the message whose header shows the address, where several rows share one.
CREATE TABLE mailing_row_new (
    mailing_id BLOB NOT NULL REFERENCES mailing (mailing_id),
    row_no BIGINT NOT NULL,
    party_id BIGINT REFERENCES party (party_id),
    channel TEXT NOT NULL,
    address TEXT,
    language TEXT NOT NULL,
    version_no BIGINT,
    merge_values TEXT NOT NULL,
    reason TEXT,
    shared TEXT,
    delivery_id BLOB REFERENCES delivery (delivery_id),
    addressed_as TEXT NOT NULL DEFAULT 'to',
    name TEXT,
    shown_in BLOB,
    PRIMARY KEY (mailing_id, row_no)
) WITHOUT ROWID;
INSERT INTO mailing_row_new (mailing_id, row_no, party_id, channel, address, language, version_no, merge_values, reason, shared,
    delivery_id)
SELECT mailing_id, row_no, party_id, channel, address, language, version_no, merge_values, reason, shared, delivery_id
FROM mailing_row;
DROP TABLE mailing_row;
ALTER TABLE mailing_row_new RENAME TO mailing_row;
CREATE INDEX mailing_row_delivery ON mailing_row (delivery_id);
CREATE INDEX mailing_row_party ON mailing_row (party_id);
CREATE INDEX mailing_row_shown ON mailing_row (shown_in) WHERE shown_in IS NOT NULL;

-- The deliveries of one message go out together, under one Message-ID; without it a delivery is a message of its own.
ALTER TABLE delivery ADD COLUMN message_id BLOB;
CREATE INDEX delivery_together ON delivery (message_id, due_at, delivery_id)
    WHERE message_id IS NOT NULL AND state IN ('queued', 'deferred');

-- What each user wrote last on a channel, as JSON: the start of the next message, until it is cleared.
CREATE TABLE last_message (
    subject TEXT NOT NULL,
    channel TEXT NOT NULL,
    message TEXT NOT NULL,
    mailing_id BLOB NOT NULL,
    saved_at TIMESTAMP NOT NULL,
    CONSTRAINT last_message_pkey PRIMARY KEY (subject, channel)
) WITHOUT ROWID;
