DROP INDEX mailing_origin;
ALTER TABLE mailing DROP COLUMN origin_ref;
ALTER TABLE mailing DROP COLUMN origin_kind;
