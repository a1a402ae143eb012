-- The bulk load of the parties by hand: empty tables without their indexes, filled in the order of their keys from
-- `source`, the indexes built after, all in one durable transaction.
BEGIN IMMEDIATE;
DROP INDEX party_order;
DROP INDEX party_name;
DROP INDEX party_city;
DROP INDEX party_email;
DROP INDEX party_word_party;
INSERT INTO main.party SELECT * FROM source.party ORDER BY party_id;
INSERT INTO main.party_word SELECT * FROM source.party_word ORDER BY word, party_id;
CREATE INDEX party_order ON party (sort_key, party_id);
CREATE INDEX party_name ON party (name_fold);
CREATE INDEX party_city ON party (city_fold);
CREATE INDEX party_email ON party (email_fold);
CREATE INDEX party_word_party ON party_word (party_id);
COMMIT;
