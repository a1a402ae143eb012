DROP INDEX party_out;
CREATE INDEX party_out ON party (party_id) WHERE archived OR deceased;
DROP INDEX role_party;
DROP INDEX role_by_holder;
CREATE INDEX role_by_party ON role (party_id, role, property_id);
