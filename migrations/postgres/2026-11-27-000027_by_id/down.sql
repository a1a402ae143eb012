ALTER TABLE dispatcher ALTER COLUMN claimed SET STORAGE EXTENDED;
CREATE UNIQUE INDEX contact_of_row ON contact (mailing_id, row_no, delivery_id);
