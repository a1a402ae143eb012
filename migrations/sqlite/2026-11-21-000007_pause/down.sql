ALTER TABLE mailing DROP COLUMN pause_reason;
