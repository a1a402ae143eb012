DROP TABLE mailing_attachment;
DROP TABLE attachment;
DROP TABLE attachment_file;
