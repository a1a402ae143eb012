-- Folders of templates (viestipohjat), each for one channel. name_key: folded, for comparing; sort_key: the Finnish order.
CREATE TABLE template_folder (
    folder_id UUID NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    sort_key BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX template_folder_name ON template_folder (channel, name_key);
CREATE INDEX template_folder_order ON template_folder (sort_key, folder_id);

-- A template as it is now; content is all of it, as JSON. workflow_ref is empty where the occasion has none.
CREATE TABLE template (
    template_id UUID NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    folder_id UUID NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    sort_key BYTEA NOT NULL,
    occasion TEXT COLLATE "C",
    workflow_ref TEXT COLLATE "C" NOT NULL,
    is_default BOOLEAN NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    updated_by TEXT COLLATE "C" NOT NULL,
    CONSTRAINT template_folder_exists FOREIGN KEY (folder_id) REFERENCES template_folder (folder_id)
);
CREATE UNIQUE INDEX template_name ON template (folder_id, name_key);
CREATE UNIQUE INDEX template_default ON template (occasion, workflow_ref, channel) WHERE is_default;
CREATE INDEX template_occasion ON template (occasion, workflow_ref, channel) WHERE occasion IS NOT NULL;
CREATE INDEX template_order ON template (sort_key, template_id);

-- The template as it was from each save on. restored_from: the version whose text it took again.
CREATE TABLE template_version (
    template_id UUID NOT NULL REFERENCES template (template_id),
    version BIGINT NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    saved_at TIMESTAMP NOT NULL,
    saved_by TEXT COLLATE "C" NOT NULL,
    restored_from BIGINT,
    PRIMARY KEY (template_id, version)
);

-- Which attachments any version of a template names. What is named is not deleted: an old version can be restored.
CREATE TABLE template_attachment (
    template_id UUID NOT NULL REFERENCES template (template_id),
    attachment_id UUID NOT NULL,
    PRIMARY KEY (template_id, attachment_id),
    CONSTRAINT template_attachment_exists FOREIGN KEY (attachment_id) REFERENCES attachment (attachment_id)
);
CREATE INDEX template_attachment_use ON template_attachment (attachment_id);
