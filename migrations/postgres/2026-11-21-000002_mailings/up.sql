-- A mailing is its draft (a JSON document) until it is sent; then its recipients are frozen as rows.
CREATE TABLE mailing (
    mailing_id UUID NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    draft TEXT COLLATE "C" NOT NULL,
    content_hash TEXT COLLATE "C",
    recipients_hash TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    sent_by TEXT COLLATE "C",
    finished_at TIMESTAMP
);
CREATE INDEX mailing_status ON mailing (status);

-- The recipients of the newest preview: what `send` compares with when they have changed.
CREATE TABLE mailing_preview (
    mailing_id UUID NOT NULL PRIMARY KEY REFERENCES mailing (mailing_id) ON DELETE CASCADE,
    recipients_hash TEXT COLLATE "C" NOT NULL,
    recipients BYTEA NOT NULL
);

-- One message of a row. Its Message-ID is made of delivery_id; `leased_until` says how long its dispatcher holds it.
CREATE TABLE delivery (
    delivery_id UUID NOT NULL PRIMARY KEY,
    mailing_id UUID NOT NULL REFERENCES mailing (mailing_id),
    row_no BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    attempts BIGINT NOT NULL,
    due_at TIMESTAMP NOT NULL,
    lease_owner UUID,
    leased_until TIMESTAMP,
    sent_at TIMESTAMP,
    last_code BIGINT,
    last_detail TEXT COLLATE "C"
);
CREATE INDEX delivery_due ON delivery (due_at, delivery_id) WHERE state IN ('queued', 'deferred');
CREATE INDEX delivery_sending ON delivery (leased_until) WHERE state = 'sending';
CREATE INDEX delivery_leased ON delivery (lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX delivery_mailing ON delivery (mailing_id, state);

-- One recipient of a sent mailing, excluded ones too. What it was sent is rendered from the mailing's content `version_no`
-- and these merge values. Without a delivery it was skipped for `reason`; with `shared` another row's delivery is its own.
CREATE TABLE mailing_row (
    mailing_id UUID NOT NULL REFERENCES mailing (mailing_id),
    row_no BIGINT NOT NULL,
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    channel TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C",
    language TEXT COLLATE "C" NOT NULL,
    version_no BIGINT,
    merge_values TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    shared TEXT COLLATE "C",
    delivery_id UUID REFERENCES delivery (delivery_id),
    PRIMARY KEY (mailing_id, row_no)
);
CREATE INDEX mailing_row_delivery ON mailing_row (delivery_id);
CREATE INDEX mailing_row_party ON mailing_row (party_id);

-- The journal: written before the wire call, finished after it. An attempt without outcome was cut off by a crash.
CREATE TABLE delivery_attempt (
    attempt_id UUID NOT NULL PRIMARY KEY,
    delivery_id UUID NOT NULL REFERENCES delivery (delivery_id),
    dispatcher UUID NOT NULL,
    worker BIGINT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    outcome TEXT COLLATE "C",
    code BIGINT,
    detail TEXT COLLATE "C"
);
CREATE INDEX delivery_attempt_delivery ON delivery_attempt (delivery_id);
CREATE INDEX delivery_attempt_open ON delivery_attempt (started_at) WHERE outcome IS NULL;

-- Every message with a party, either direction. The content of a sent one is that of its delivery.
CREATE TABLE contact (
    contact_id UUID NOT NULL PRIMARY KEY,
    thread_id UUID NOT NULL,
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    direction TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    mailing_id UUID,
    row_no BIGINT,
    delivery_id UUID
);
CREATE INDEX contact_party ON contact (party_id, occurred_at, contact_id);
CREATE UNIQUE INDEX contact_of_row ON contact (mailing_id, row_no, delivery_id);

-- What was answered to a request with an Idempotency-Key, stored with its effect.
CREATE TABLE idempotency_key (
    subject TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    status BIGINT NOT NULL,
    headers TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (subject, operation, idempotency_key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);
