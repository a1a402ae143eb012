-- What was set here over the ERP's value, which is kept with it: when the ERP's own value changes, the local one goes.
-- row_key: the id of a party, property or contract; of a role its role_key.
CREATE TABLE register_local_value (
    kind TEXT COLLATE "C" NOT NULL,
    row_key TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    erp_value TEXT COLLATE "C" NOT NULL,
    local_value TEXT COLLATE "C" NOT NULL,
    set_at TIMESTAMP NOT NULL,
    set_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, row_key, field)
);

-- Local values that a change of the ERP has overruled.
CREATE TABLE register_conflict (
    conflict_id UUID NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    row_key TEXT COLLATE "C" NOT NULL,
    party_id BIGINT,
    field TEXT COLLATE "C" NOT NULL,
    erp_before TEXT COLLATE "C" NOT NULL,
    local_value TEXT COLLATE "C" NOT NULL,
    erp_now TEXT COLLATE "C" NOT NULL,
    detected_at TIMESTAMP NOT NULL,
    operation_id UUID
);
CREATE INDEX register_conflict_kind ON register_conflict (kind, conflict_id);
