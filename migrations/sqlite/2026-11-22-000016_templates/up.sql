-- Folders of templates (viestipohjat), each for one channel. name_key: folded, for comparing; sort_key: the Finnish order.
CREATE TABLE template_folder (
    folder_id BLOB NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    sort_key BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX template_folder_name ON template_folder (channel, name_key);
CREATE INDEX template_folder_order ON template_folder (sort_key, folder_id);

-- A template as it is now; content is all of it, as JSON. workflow_ref is empty where the occasion has none.
CREATE TABLE template (
    template_id BLOB NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    folder_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    name_key TEXT NOT NULL,
    sort_key BLOB NOT NULL,
    occasion TEXT,
    workflow_ref TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    content TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    updated_by TEXT NOT NULL,
    CONSTRAINT template_folder_exists FOREIGN KEY (folder_id) REFERENCES template_folder (folder_id)
);
CREATE UNIQUE INDEX template_name ON template (folder_id, name_key);
CREATE UNIQUE INDEX template_default ON template (occasion, workflow_ref, channel) WHERE is_default;
CREATE INDEX template_occasion ON template (occasion, workflow_ref, channel) WHERE occasion IS NOT NULL;
CREATE INDEX template_order ON template (sort_key, template_id);

-- The template as it was from each save on. restored_from: the version whose text it took again.
CREATE TABLE template_version (
    template_id BLOB NOT NULL REFERENCES template (template_id),
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    saved_at TIMESTAMP NOT NULL,
    saved_by TEXT NOT NULL,
    restored_from BIGINT,
    PRIMARY KEY (template_id, version)
);

-- Which attachments any version of a template names. What is named is not deleted: an old version can be restored.
CREATE TABLE template_attachment (
    template_id BLOB NOT NULL REFERENCES template (template_id),
    attachment_id BLOB NOT NULL,
    PRIMARY KEY (template_id, attachment_id),
    CONSTRAINT template_attachment_exists FOREIGN KEY (attachment_id) REFERENCES attachment (attachment_id)
) WITHOUT ROWID;
CREATE INDEX template_attachment_use ON template_attachment (attachment_id);
