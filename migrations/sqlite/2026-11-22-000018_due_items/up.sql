-- What somebody has to do by a certain time. kind: key_loan (bring the key back) or move_in_inspection (answer it).
-- item_key: 'erp:' and the ERP's id, or our own id. title: the key; details: its description, or where to answer.
CREATE TABLE due_item (
    item_id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    item_key TEXT NOT NULL,
    erp_id TEXT,
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    property_id BIGINT REFERENCES property (property_id),
    title TEXT,
    details TEXT,
    begun_at TIMESTAMP,
    due_at TIMESTAMP NOT NULL,
    done_at TIMESTAMP,
    row_hash BLOB NOT NULL,
    UNIQUE (kind, item_key)
);
CREATE INDEX due_item_due ON due_item (kind, due_at, item_id);
CREATE INDEX due_item_open ON due_item (kind, due_at, item_id) WHERE done_at IS NULL;
CREATE INDEX due_item_party ON due_item (party_id, kind);
CREATE INDEX due_item_property ON due_item (property_id, kind);
