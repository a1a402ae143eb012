-- Work that outlasts its request.
CREATE TABLE operation (
    operation_id UUID NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    phase TEXT COLLATE "C" NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    result TEXT COLLATE "C",
    error TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    owner UUID NOT NULL
);
CREATE INDEX operation_unfinished ON operation (owner) WHERE finished_at IS NULL;

-- The processes that do operations. Each renews alive_until; when that has passed, its work was cut off. A table of its own,
-- so that renewing does not meet the transaction that ends an operation.
CREATE TABLE operation_owner (
    owner UUID NOT NULL PRIMARY KEY,
    alive_until TIMESTAMP NOT NULL
);

-- The rows that an import could not take.
CREATE TABLE import_bad_row (
    operation_id UUID NOT NULL REFERENCES operation (operation_id),
    row_no BIGINT NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    line BIGINT NOT NULL,
    column_name TEXT COLLATE "C",
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (operation_id, row_no)
);
