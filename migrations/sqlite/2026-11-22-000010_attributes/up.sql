-- The customer's own fields of parties and properties that are declared with a type. attribute_change has a row for each
-- register, which every change of its declarations updates: what writes rows of the register meets it there.
CREATE TABLE attribute (
    register TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    label TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (register, name)
);
CREATE TABLE attribute_change (
    register TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO attribute_change (register, version) VALUES ('party', 0), ('property', 0);

-- The values of declared attributes in the form in which they are compared, kept with the rows themselves.
CREATE TABLE party_attribute (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    PRIMARY KEY (name, value, party_id)
) WITHOUT ROWID;
CREATE INDEX party_attribute_party ON party_attribute (party_id, name);

CREATE TABLE property_attribute (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    property_id BIGINT NOT NULL REFERENCES property (property_id),
    PRIMARY KEY (name, value, property_id)
) WITHOUT ROWID;
CREATE INDEX property_attribute_property ON property_attribute (property_id, name);
