-- Messages shown in portals: to parties, or as bulletins of properties. Each has language versions; the first is served where
-- nothing tells which. shown_at: when it came or comes into view.
CREATE TABLE internetviesti (
    internetviesti_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    shown_at TIMESTAMP,
    published_at TIMESTAMP,
    valid_from TIMESTAMP,
    valid_to TIMESTAMP,
    important BOOLEAN NOT NULL,
    reaches_down BOOLEAN NOT NULL,
    corrects BIGINT REFERENCES internetviesti (internetviesti_id),
    chain_id BIGINT,
    mailing_id BLOB REFERENCES mailing (mailing_id),
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL
);
CREATE INDEX internetviesti_chain ON internetviesti (chain_id) WHERE chain_id IS NOT NULL;
CREATE INDEX internetviesti_corrects ON internetviesti (corrects) WHERE corrects IS NOT NULL;
CREATE INDEX internetviesti_state ON internetviesti (state, internetviesti_id);
CREATE INDEX internetviesti_author ON internetviesti (created_by, internetviesti_id);

CREATE TABLE internetviesti_version (
    internetviesti_id BIGINT NOT NULL REFERENCES internetviesti (internetviesti_id),
    position BIGINT NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    format TEXT NOT NULL,
    html TEXT NOT NULL,
    text TEXT NOT NULL,
    attachments BIGINT NOT NULL,
    PRIMARY KEY (internetviesti_id, position)
) WITHOUT ROWID;

-- The words of all versions, for the tool's search.
CREATE TABLE internetviesti_word (
    word TEXT NOT NULL,
    internetviesti_id BIGINT NOT NULL REFERENCES internetviesti (internetviesti_id),
    PRIMARY KEY (word, internetviesti_id)
) WITHOUT ROWID;
CREATE INDEX internetviesti_word_message ON internetviesti_word (internetviesti_id);

-- To whom. shown_at is the message's, so that a list is read in its order.
CREATE TABLE internetviesti_party (
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    internetviesti_id BIGINT NOT NULL REFERENCES internetviesti (internetviesti_id),
    shown_at TIMESTAMP,
    PRIMARY KEY (party_id, internetviesti_id)
) WITHOUT ROWID;
CREATE INDEX internetviesti_party_order ON internetviesti_party (party_id, shown_at, internetviesti_id);
CREATE INDEX internetviesti_party_message ON internetviesti_party (internetviesti_id);

CREATE TABLE internetviesti_property (
    property_id BIGINT NOT NULL REFERENCES property (property_id),
    internetviesti_id BIGINT NOT NULL REFERENCES internetviesti (internetviesti_id),
    shown_at TIMESTAMP,
    PRIMARY KEY (property_id, internetviesti_id)
) WITHOUT ROWID;
CREATE INDEX internetviesti_property_order ON internetviesti_property (property_id, shown_at, internetviesti_id);
CREATE INDEX internetviesti_property_message ON internetviesti_property (internetviesti_id);

-- A bulletin only for those with one of these roles; without a row for all.
CREATE TABLE internetviesti_role (
    internetviesti_id BIGINT NOT NULL REFERENCES internetviesti (internetviesti_id),
    role TEXT NOT NULL,
    PRIMARY KEY (internetviesti_id, role)
) WITHOUT ROWID;

-- The attachments; without a language they go with every version.
CREATE TABLE internetviesti_attachment (
    liite_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    internetviesti_id BIGINT NOT NULL REFERENCES internetviesti (internetviesti_id),
    position BIGINT NOT NULL,
    language TEXT,
    attachment_id BLOB NOT NULL,
    CONSTRAINT internetviesti_attachment_exists FOREIGN KEY (attachment_id) REFERENCES attachment (attachment_id)
);
CREATE INDEX internetviesti_attachment_message ON internetviesti_attachment (internetviesti_id, position);
CREATE INDEX internetviesti_attachment_use ON internetviesti_attachment (attachment_id);

CREATE TABLE internetviesti_read (
    internetviesti_id BIGINT NOT NULL REFERENCES internetviesti (internetviesti_id),
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    read_at TIMESTAMP NOT NULL,
    PRIMARY KEY (internetviesti_id, party_id)
) WITHOUT ROWID;

-- Every change: the message as it was after it, as JSON.
CREATE TABLE internetviesti_change (
    internetviesti_id BIGINT NOT NULL REFERENCES internetviesti (internetviesti_id),
    version BIGINT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    changed_by TEXT NOT NULL,
    what TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (internetviesti_id, version)
) WITHOUT ROWID;

-- A contact of a message in the portal: what was said is that message.
ALTER TABLE contact ADD COLUMN internetviesti_id BIGINT;
CREATE UNIQUE INDEX contact_of_internetviesti ON contact (internetviesti_id, party_id) WHERE internetviesti_id IS NOT NULL;

-- Keys that the service makes for itself, for instance to sign links.
CREATE TABLE service_key (
    name TEXT NOT NULL PRIMARY KEY,
    secret BLOB NOT NULL
);
