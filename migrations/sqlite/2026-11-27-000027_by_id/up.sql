-- Parties and deliveries are never deleted: to look for each again, for every row that is frozen and every contact, was a good
-- part of what freezing and sending cost.
CREATE TABLE mailing_row_new (
    mailing_id BLOB NOT NULL REFERENCES mailing (mailing_id),
    row_no BIGINT NOT NULL,
    party_id BIGINT,
    channel TEXT NOT NULL,
    address TEXT,
    language TEXT NOT NULL,
    version_no BIGINT,
    merge_values TEXT NOT NULL,
    reason TEXT,
    shared TEXT,
    delivery_id BLOB,
    addressed_as TEXT NOT NULL DEFAULT 'to',
    name TEXT,
    shown_in BLOB,
    PRIMARY KEY (mailing_id, row_no)
) WITHOUT ROWID;
INSERT INTO mailing_row_new (mailing_id, row_no, party_id, channel, address, language, version_no, merge_values, reason, shared,
    delivery_id, addressed_as, name, shown_in)
SELECT mailing_id, row_no, party_id, channel, address, language, version_no, merge_values, reason, shared,
    delivery_id, addressed_as, name, shown_in
FROM mailing_row ORDER BY mailing_id, row_no;
DROP TABLE mailing_row;
ALTER TABLE mailing_row_new RENAME TO mailing_row;
CREATE INDEX mailing_row_delivery ON mailing_row (delivery_id);
CREATE INDEX mailing_row_party ON mailing_row (party_id);
CREATE INDEX mailing_row_shown ON mailing_row (shown_in) WHERE shown_in IS NOT NULL;

-- Kept by their ids, deliveries and contacts need no index beside the table to be found by them. A contact is added when its
-- delivery becomes sent, which it does once; nobody asks for it by its row.
CREATE TABLE delivery_new (
    delivery_id BLOB NOT NULL PRIMARY KEY,
    mailing_id BLOB NOT NULL REFERENCES mailing (mailing_id),
    row_no BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    attempts BIGINT NOT NULL,
    due_at TIMESTAMP NOT NULL,
    lease_owner BLOB,
    sending_since TIMESTAMP,
    sent_at TIMESTAMP,
    last_code BIGINT,
    last_detail TEXT,
    message_id BLOB
) WITHOUT ROWID;
INSERT INTO delivery_new (delivery_id, mailing_id, row_no, state, reason, attempts, due_at, lease_owner, sending_since, sent_at,
    last_code, last_detail, message_id)
SELECT delivery_id, mailing_id, row_no, state, reason, attempts, due_at, lease_owner, sending_since, sent_at,
    last_code, last_detail, message_id
FROM delivery ORDER BY delivery_id;
DROP TABLE delivery;
ALTER TABLE delivery_new RENAME TO delivery;
CREATE INDEX delivery_due ON delivery (due_at, delivery_id) WHERE state IN ('queued', 'deferred');
CREATE INDEX delivery_unknown ON delivery (due_at) WHERE state = 'unknown';
CREATE INDEX delivery_together ON delivery (message_id, due_at, delivery_id)
    WHERE message_id IS NOT NULL AND state IN ('queued', 'deferred');
CREATE INDEX delivery_sending ON delivery (delivery_id) WHERE state = 'sending';
CREATE INDEX delivery_open ON delivery (mailing_id) WHERE state IN ('queued', 'deferred');

CREATE TABLE contact_new (
    contact_id BLOB NOT NULL PRIMARY KEY,
    thread_id BLOB NOT NULL,
    party_id BIGINT NOT NULL,
    direction TEXT NOT NULL,
    channel TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    mailing_id BLOB,
    row_no BIGINT,
    delivery_id BLOB,
    internetviesti_id BIGINT
) WITHOUT ROWID;
INSERT INTO contact_new (contact_id, thread_id, party_id, direction, channel, occurred_at, mailing_id, row_no, delivery_id,
    internetviesti_id)
SELECT contact_id, thread_id, party_id, direction, channel, occurred_at, mailing_id, row_no, delivery_id, internetviesti_id
FROM contact ORDER BY contact_id;
DROP TABLE contact;
ALTER TABLE contact_new RENAME TO contact;
CREATE INDEX contact_party ON contact (party_id, occurred_at, contact_id);
CREATE UNIQUE INDEX contact_of_internetviesti ON contact (internetviesti_id, party_id) WHERE internetviesti_id IS NOT NULL;
