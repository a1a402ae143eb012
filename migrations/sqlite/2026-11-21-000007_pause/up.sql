-- Why a paused mailing is paused, for instance relay_fault.
ALTER TABLE mailing ADD COLUMN pause_reason TEXT;
