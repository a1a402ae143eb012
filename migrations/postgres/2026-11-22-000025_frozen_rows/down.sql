ALTER TABLE mailing_row ADD CONSTRAINT mailing_row_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery (delivery_id);
ALTER TABLE mailing_row ADD CONSTRAINT mailing_row_party_id_fkey FOREIGN KEY (party_id) REFERENCES party (party_id);
