-- The bytes of attachments are in the file store under their SHA-256. A row is there before its bytes are written and until
-- they have been deleted; while `removing_since` is set, they are being deleted.
CREATE TABLE attachment_file (
    sha256 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    touched_at TIMESTAMP NOT NULL,
    removing_since TIMESTAMP
);
CREATE INDEX attachment_file_age ON attachment_file (touched_at);

-- A file that was taken in. Several may have the same bytes.
CREATE TABLE attachment (
    attachment_id UUID NOT NULL PRIMARY KEY,
    sha256 TEXT COLLATE "C" NOT NULL REFERENCES attachment_file (sha256),
    file_name TEXT COLLATE "C" NOT NULL,
    content_type TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL
);
CREATE INDEX attachment_sha256 ON attachment (sha256);
CREATE INDEX attachment_age ON attachment (created_at);

-- Which attachments the contents of a mailing name, draft or sent. What is named is not deleted.
CREATE TABLE mailing_attachment (
    mailing_id UUID NOT NULL REFERENCES mailing (mailing_id),
    attachment_id UUID NOT NULL,
    PRIMARY KEY (mailing_id, attachment_id),
    CONSTRAINT mailing_attachment_exists FOREIGN KEY (attachment_id) REFERENCES attachment (attachment_id)
);
CREATE INDEX mailing_attachment_use ON mailing_attachment (attachment_id);
