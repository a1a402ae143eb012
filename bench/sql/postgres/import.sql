-- The bulk load of the parties by hand: empty tables, filled from those of the product, keys, indexes and references built
-- after, all in one durable transaction.
BEGIN;
CREATE SCHEMA reference;
CREATE TABLE reference.party (LIKE public.party INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE TABLE reference.party_word (LIKE public.party_word INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
INSERT INTO reference.party SELECT * FROM public.party;
INSERT INTO reference.party_word SELECT * FROM public.party_word;
ALTER TABLE reference.party ADD PRIMARY KEY (party_id);
CREATE INDEX party_order ON reference.party (sort_key, party_id);
CREATE INDEX party_name ON reference.party (name_fold);
CREATE INDEX party_city ON reference.party (city_fold);
CREATE INDEX party_email ON reference.party (email_fold);
CREATE INDEX party_out ON reference.party (party_id) WHERE archived OR deceased;
ALTER TABLE reference.party_word ADD PRIMARY KEY (word, party_id);
CREATE INDEX party_word_party ON reference.party_word (party_id);
ALTER TABLE reference.party_word ADD FOREIGN KEY (party_id) REFERENCES reference.party (party_id);
COMMIT;
