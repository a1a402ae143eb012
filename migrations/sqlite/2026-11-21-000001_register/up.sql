-- Parties, properties, contracts and roles as the ERP keeps them. Columns named *_fold hold the text as it is compared
-- (case-folded, NFC); sort_key holds the Finnish collation key. The application writes both with the value itself.

CREATE TABLE property (
    property_id INTEGER NOT NULL PRIMARY KEY,
    parent_id BIGINT REFERENCES property (property_id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    code TEXT,
    code_fold TEXT,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL,
    street TEXT,
    street_fold TEXT,
    postal_code TEXT,
    postal_code_fold TEXT,
    city TEXT,
    city_fold TEXT,
    country TEXT,
    attributes TEXT NOT NULL,
    sort_key BLOB NOT NULL,
    row_hash BLOB NOT NULL
);
CREATE INDEX property_parent ON property (parent_id);
CREATE INDEX property_city ON property (city_fold);
CREATE INDEX property_order ON property (sort_key, property_id);

CREATE TABLE property_word (
    word TEXT NOT NULL,
    property_id BIGINT NOT NULL REFERENCES property (property_id),
    PRIMARY KEY (word, property_id)
) WITHOUT ROWID;
CREATE INDEX property_word_property ON property_word (property_id);

CREATE TABLE party (
    party_id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL,
    sort_key BLOB NOT NULL,
    first_name TEXT,
    first_name_fold TEXT,
    last_name TEXT,
    last_name_fold TEXT,
    business_id TEXT,
    business_id_fold TEXT,
    language TEXT,
    email TEXT,
    email_fold TEXT,
    email_address TEXT,
    email_state TEXT NOT NULL,
    email_marketing BOOLEAN NOT NULL,
    phone TEXT,
    phone_match TEXT,
    phone_state TEXT NOT NULL,
    phone_marketing BOOLEAN NOT NULL,
    street TEXT,
    street_fold TEXT,
    postal_code TEXT,
    postal_code_fold TEXT,
    city TEXT,
    city_fold TEXT,
    country TEXT,
    has_postal_address BOOLEAN NOT NULL,
    address_protected BOOLEAN NOT NULL,
    deceased BOOLEAN NOT NULL,
    archived BOOLEAN NOT NULL,
    attributes TEXT NOT NULL,
    row_hash BLOB NOT NULL
);
CREATE INDEX party_order ON party (sort_key, party_id);
CREATE INDEX party_name ON party (name_fold);
CREATE INDEX party_city ON party (city_fold);
CREATE INDEX party_email ON party (email_fold);

-- hidden: the word comes from the address or the phone of a protected party.
CREATE TABLE party_word (
    word TEXT NOT NULL,
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    hidden BOOLEAN NOT NULL,
    PRIMARY KEY (word, party_id)
) WITHOUT ROWID;
CREATE INDEX party_word_party ON party_word (party_id);

CREATE TABLE contract (
    contract_id INTEGER NOT NULL PRIMARY KEY,
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    property_id BIGINT NOT NULL REFERENCES property (property_id),
    kind TEXT NOT NULL,
    language TEXT,
    valid_from DATE,
    valid_to DATE,
    points_enrolled BOOLEAN NOT NULL,
    points_enrolled_on DATE,
    row_hash BLOB NOT NULL
);
CREATE INDEX contract_party ON contract (party_id);
CREATE INDEX contract_property ON contract (property_id);

-- role_key: 'erp:' and the ERP's id, or party, property, role and first day, which identify a role without one.
CREATE TABLE role (
    role_id BLOB NOT NULL PRIMARY KEY,
    role_key TEXT NOT NULL UNIQUE,
    erp_role_id TEXT,
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    property_id BIGINT NOT NULL REFERENCES property (property_id),
    role TEXT NOT NULL,
    valid_from DATE,
    valid_to DATE,
    contract_id BIGINT REFERENCES contract (contract_id),
    row_hash BLOB NOT NULL
);
CREATE INDEX role_by_property ON role (role, property_id, party_id);
CREATE INDEX role_by_party ON role (party_id, role, property_id);
CREATE INDEX role_property ON role (property_id);

-- Who was shown what: for instance the addresses of protected parties.
CREATE TABLE audit_event (
    event_id BLOB NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    details TEXT NOT NULL,
    request_id TEXT NOT NULL
);
