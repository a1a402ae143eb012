-- Work that outlasts its request. Whoever does it renews alive_until; when that has passed, the work was cut off.
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
    owner UUID NOT NULL,
    alive_until TIMESTAMP NOT NULL
);
CREATE INDEX operation_unfinished ON operation (alive_until) WHERE finished_at IS NULL;

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
