-- Work that outlasts its request. Whoever does it renews alive_until; when that has passed, the work was cut off.
CREATE TABLE operation (
    operation_id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    request TEXT NOT NULL,
    phase TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    result TEXT,
    error TEXT,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    owner BLOB NOT NULL,
    alive_until TIMESTAMP NOT NULL
);
CREATE INDEX operation_unfinished ON operation (alive_until) WHERE finished_at IS NULL;

-- The rows that an import could not take.
CREATE TABLE import_bad_row (
    operation_id BLOB NOT NULL REFERENCES operation (operation_id),
    row_no BIGINT NOT NULL,
    file TEXT NOT NULL,
    line BIGINT NOT NULL,
    column_name TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (operation_id, row_no)
);
