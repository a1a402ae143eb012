-- The counts by all that eligibility looks at and by service language.
SELECT p.email_state, p.address_protected,
    COALESCE(p.language, (
        SELECT c.language FROM contract c WHERE c.party_id = p.party_id AND c.language IS NOT NULL
        ORDER BY CASE WHEN c.valid_from > date('now') THEN 1 WHEN c.valid_to < date('now') THEN 2 ELSE 0 END,
            CASE WHEN c.valid_from > date('now') THEN c.valid_from END,
            CASE WHEN c.valid_to < date('now') THEN c.valid_to END DESC,
            COALESCE(c.valid_from, '0001-01-01') DESC, c.contract_id DESC LIMIT 1
    ), 'fi') AS service_language, COUNT(*)
FROM party p
WHERE NOT p.archived AND NOT p.deceased AND /* matching */
GROUP BY 1, 2, 3;

-- The first page.
SELECT p.party_id, p.kind, p.name, p.sort_key, p.email_address, p.email_state, p.address_protected,
    COALESCE(p.language, (
        SELECT c.language FROM contract c WHERE c.party_id = p.party_id AND c.language IS NOT NULL
        ORDER BY CASE WHEN c.valid_from > date('now') THEN 1 WHEN c.valid_to < date('now') THEN 2 ELSE 0 END,
            CASE WHEN c.valid_from > date('now') THEN c.valid_from END,
            CASE WHEN c.valid_to < date('now') THEN c.valid_to END DESC,
            COALESCE(c.valid_from, '0001-01-01') DESC, c.contract_id DESC LIMIT 1
    ), 'fi') AS service_language
FROM party p
WHERE NOT p.archived AND NOT p.deceased AND /* matching */
ORDER BY p.sort_key, p.party_id
LIMIT 51;
