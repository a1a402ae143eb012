-- Counting who holds a role reads the holders in their order, each once, from an index alone.
DROP INDEX role_by_party;
CREATE INDEX role_by_holder ON role (role, party_id, valid_from, valid_to);
CREATE INDEX role_party ON role (party_id);
