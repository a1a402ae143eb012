DROP TABLE register_conflict;
DROP TABLE register_local_value;
