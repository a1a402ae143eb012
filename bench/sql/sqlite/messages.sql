-- MESSAGES messages, each to one of PEOPLE parties, in two languages.
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < PEOPLE)
INSERT INTO party (party_id, kind, name, name_fold, sort_key, language, email_state, email_marketing, phone_state, phone_marketing,
    has_postal_address, address_protected, deceased, archived, attributes, row_hash)
SELECT n, 'person', 'Asukas ' || n, 'asukas ' || n, CAST(n AS BLOB), 'fi', 'missing', FALSE, 'missing', FALSE, FALSE, FALSE, FALSE, FALSE, '{}', x'00' FROM numbers;
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < MESSAGES)
INSERT INTO internetviesti (internetviesti_id, version, state, shown_at, published_at, important, reaches_down, created_at, created_by, changed_at)
SELECT n, 1, 'julkaistu', strftime('%Y-%m-%d %H:%M:%S', 1767225600 + n, 'unixepoch'), '2026-01-01 00:00:00', FALSE, TRUE, '2026-01-01 00:00:00', 'bench', '2026-01-01 00:00:00' FROM numbers;
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < MESSAGES)
INSERT INTO internetviesti_version (internetviesti_id, position, language, title, message, format, html, text, attachments)
SELECT n, p, CASE p WHEN 0 THEN 'fi' ELSE 'sv' END, 'Vesikatko ' || n, 'Vesi on poikki.', 'teksti', '<p>Vesi on poikki.</p>', 'Vesi on poikki.', 0
FROM numbers, (SELECT 0 AS p UNION ALL SELECT 1);
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < MESSAGES)
INSERT INTO internetviesti_party (party_id, internetviesti_id, shown_at)
SELECT 1 + n % PEOPLE, n, strftime('%Y-%m-%d %H:%M:%S', 1767225600 + n, 'unixepoch') FROM numbers;
ANALYZE;
