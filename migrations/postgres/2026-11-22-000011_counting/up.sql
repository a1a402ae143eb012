-- Counting who holds a role reads an index alone, validity included, and takes away the few who are not to be found.
DROP INDEX role_by_property;
CREATE INDEX role_by_property ON role (role, property_id, party_id, valid_from, valid_to);
CREATE INDEX party_out ON party (party_id) WHERE archived OR deceased;
