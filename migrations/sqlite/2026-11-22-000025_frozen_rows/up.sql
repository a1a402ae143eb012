-- Only PostgreSQL changes: on SQLite to look for a party writes nothing.
SELECT 1;
