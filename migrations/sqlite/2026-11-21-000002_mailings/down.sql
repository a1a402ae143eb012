DROP TABLE idempotency_key;
DROP TABLE contact;
DROP TABLE delivery_attempt;
DROP TABLE mailing_row;
DROP TABLE delivery;
DROP TABLE mailing_preview;
DROP TABLE mailing;
