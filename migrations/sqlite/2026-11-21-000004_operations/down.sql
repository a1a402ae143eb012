DROP TABLE import_bad_row;
DROP TABLE operation;
