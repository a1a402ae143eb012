-- Saved queries. The filter is JSON as it was written; each version is kept.
CREATE TABLE recipient_query (
    query_id BLOB NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    sort_key BLOB NOT NULL,
    filter TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL
);
CREATE INDEX recipient_query_order ON recipient_query (sort_key, query_id);

CREATE TABLE recipient_query_version (
    query_id BLOB NOT NULL REFERENCES recipient_query (query_id),
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    filter TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (query_id, version)
) WITHOUT ROWID;

-- How many matched when it was run last. Those who may see protected parties count otherwise than the others, and neither is
-- told the other's numbers.
CREATE TABLE recipient_query_count (
    query_id BLOB NOT NULL REFERENCES recipient_query (query_id),
    see_protected BOOLEAN NOT NULL,
    counted_at TIMESTAMP NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (query_id, see_protected)
) WITHOUT ROWID;

-- Contact lists: of members, or of whoever matches a saved query.
CREATE TABLE contact_list (
    list_id BLOB NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    sort_key BLOB NOT NULL,
    description TEXT,
    query_id BLOB,
    member_count BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT contact_list_query_exists FOREIGN KEY (query_id) REFERENCES recipient_query (query_id)
);
CREATE INDEX contact_list_order ON contact_list (sort_key, list_id);
CREATE INDEX contact_list_query ON contact_list (query_id) WHERE query_id IS NOT NULL;

CREATE TABLE contact_list_member (
    list_id BLOB NOT NULL REFERENCES contact_list (list_id),
    party_id BIGINT NOT NULL REFERENCES party (party_id),
    added_at TIMESTAMP NOT NULL,
    PRIMARY KEY (list_id, party_id)
) WITHOUT ROWID;
CREATE INDEX contact_list_member_party ON contact_list_member (party_id);

CREATE TABLE project (
    project_id BLOB NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    sort_key BLOB NOT NULL,
    description TEXT,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX project_order ON project (sort_key, project_id);

CREATE TABLE project_contact_list (
    project_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    PRIMARY KEY (project_id, list_id),
    CONSTRAINT project_contact_list_project_exists FOREIGN KEY (project_id) REFERENCES project (project_id),
    CONSTRAINT project_contact_list_list_exists FOREIGN KEY (list_id) REFERENCES contact_list (list_id)
) WITHOUT ROWID;
CREATE INDEX project_contact_list_list ON project_contact_list (list_id);

-- Which filters name which saved query or contact list: those of saved queries and of drafts of mailings (user_id).
CREATE TABLE filter_use (
    user_id BLOB NOT NULL,
    query_id BLOB,
    list_id BLOB,
    CONSTRAINT filter_use_query_exists FOREIGN KEY (query_id) REFERENCES recipient_query (query_id),
    CONSTRAINT filter_use_list_exists FOREIGN KEY (list_id) REFERENCES contact_list (list_id)
);
CREATE INDEX filter_use_user ON filter_use (user_id);
CREATE INDEX filter_use_query ON filter_use (query_id) WHERE query_id IS NOT NULL;
CREATE INDEX filter_use_list ON filter_use (list_id) WHERE list_id IS NOT NULL;
