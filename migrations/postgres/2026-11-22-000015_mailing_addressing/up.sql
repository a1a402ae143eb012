-- How a row is addressed: to, cc or bcc. One without a party is an extra address, with whose it is, where that was written.
-- shown_in: the message whose header shows the address, where several rows share one.
ALTER TABLE mailing_row ALTER COLUMN party_id DROP NOT NULL;
ALTER TABLE mailing_row ADD COLUMN addressed_as TEXT COLLATE "C" NOT NULL DEFAULT 'to';
ALTER TABLE mailing_row ADD COLUMN name TEXT COLLATE "C";
ALTER TABLE mailing_row ADD COLUMN shown_in UUID;
CREATE INDEX mailing_row_shown ON mailing_row (shown_in) WHERE shown_in IS NOT NULL;

-- The deliveries of one message go out together, under one Message-ID; without it a delivery is a message of its own.
ALTER TABLE delivery ADD COLUMN message_id UUID;
CREATE INDEX delivery_together ON delivery (message_id, due_at, delivery_id)
    WHERE message_id IS NOT NULL AND state IN ('queued', 'deferred');

-- What each user wrote last on a channel, as JSON: the start of the next message, until it is cleared.
CREATE TABLE last_message (
    subject TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    mailing_id UUID NOT NULL,
    saved_at TIMESTAMP NOT NULL,
    CONSTRAINT last_message_pkey PRIMARY KEY (subject, channel)
);
