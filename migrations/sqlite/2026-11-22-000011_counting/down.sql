DROP INDEX party_out;
DROP INDEX role_by_property;
CREATE INDEX role_by_property ON role (role, property_id, party_id);
