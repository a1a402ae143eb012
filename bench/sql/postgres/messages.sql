-- MESSAGES messages, each to one of PEOPLE parties, in two languages.
INSERT INTO party (party_id, kind, name, name_fold, sort_key, language, email_state, email_marketing, phone_state, phone_marketing,
    has_postal_address, address_protected, deceased, archived, attributes, row_hash)
SELECT n, 'person', 'Asukas ' || n, 'asukas ' || n, int8send(n), 'fi', 'missing', FALSE, 'missing', FALSE, FALSE, FALSE, FALSE, FALSE, '{}', '\x00'
FROM generate_series(1, PEOPLE) n;
INSERT INTO internetviesti (internetviesti_id, version, state, shown_at, published_at, important, reaches_down, created_at, created_by, changed_at)
SELECT n, 1, 'julkaistu', TIMESTAMP '2026-01-01' + n * INTERVAL '1 second', TIMESTAMP '2026-01-01', FALSE, TRUE, TIMESTAMP '2026-01-01', 'bench', TIMESTAMP '2026-01-01'
FROM generate_series(1, MESSAGES) n;
INSERT INTO internetviesti_version (internetviesti_id, position, language, title, message, format, html, text, attachments)
SELECT n, p, CASE p WHEN 0 THEN 'fi' ELSE 'sv' END, 'Vesikatko ' || n, 'Vesi on poikki.', 'teksti', '<p>Vesi on poikki.</p>', 'Vesi on poikki.', 0
FROM generate_series(1, MESSAGES) n, generate_series(0, 1) p;
INSERT INTO internetviesti_party (party_id, internetviesti_id, shown_at)
SELECT 1 + n % PEOPLE, n, TIMESTAMP '2026-01-01' + n * INTERVAL '1 second' FROM generate_series(1, MESSAGES) n;
ANALYZE;
