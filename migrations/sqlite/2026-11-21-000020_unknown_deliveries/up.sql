-- Those that wait for a person: found and counted without reading what is done.
CREATE INDEX delivery_unknown ON delivery (due_at) WHERE state = 'unknown';
