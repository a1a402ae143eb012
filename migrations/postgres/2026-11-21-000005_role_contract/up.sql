-- Deleting a contract asks whether a role refers to it.
CREATE INDEX role_contract ON role (contract_id) WHERE contract_id IS NOT NULL;
