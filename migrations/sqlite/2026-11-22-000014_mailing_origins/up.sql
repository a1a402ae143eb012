-- What a draft was handed over for, in the words of the system that made it.
ALTER TABLE mailing ADD COLUMN origin_kind TEXT;
ALTER TABLE mailing ADD COLUMN origin_ref TEXT;
CREATE INDEX mailing_origin ON mailing (origin_kind, origin_ref, mailing_id) WHERE origin_kind IS NOT NULL;
