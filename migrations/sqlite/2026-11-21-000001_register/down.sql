DROP TABLE audit_event;
DROP TABLE role;
DROP TABLE contract;
DROP TABLE party_word;
DROP TABLE party;
DROP TABLE property_word;
DROP TABLE property;
