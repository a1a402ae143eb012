-- The counts by all that eligibility looks at and by service language.
SELECT p.email_state, p.address_protected,
    COALESCE(p.language, (
        SELECT c.language FROM contract c WHERE c.party_id = p.party_id AND c.language IS NOT NULL
        ORDER BY CASE WHEN c.valid_from > CURRENT_DATE THEN 1 WHEN c.valid_to < CURRENT_DATE THEN 2 ELSE 0 END,
            CASE WHEN c.valid_from > CURRENT_DATE THEN c.valid_from END,
            CASE WHEN c.valid_to < CURRENT_DATE THEN c.valid_to END DESC,
            COALESCE(c.valid_from, DATE '0001-01-01') DESC, c.contract_id DESC LIMIT 1
    ), 'fi') AS service_language, COUNT(*)
FROM party p
WHERE NOT p.archived AND NOT p.deceased AND p.email_fold IS NOT NULL AND p.party_id IN (
    SELECT r.party_id FROM role r
    WHERE r.role = 'resident' AND (r.valid_from IS NULL OR r.valid_from <= CURRENT_DATE)
        AND (r.valid_to IS NULL OR r.valid_to >= CURRENT_DATE)
        AND r.property_id IN (
            WITH RECURSIVE chosen (property_id) AS (
                SELECT property_id FROM property WHERE city_fold = 'vantaa'
                UNION SELECT q.property_id FROM property q JOIN chosen c ON q.parent_id = c.property_id
            ) SELECT property_id FROM chosen
        )
)
GROUP BY 1, 2, 3;

-- The first page.
SELECT p.party_id, p.kind, p.name, p.sort_key, p.email_address, p.email_state, p.address_protected,
    COALESCE(p.language, (
        SELECT c.language FROM contract c WHERE c.party_id = p.party_id AND c.language IS NOT NULL
        ORDER BY CASE WHEN c.valid_from > CURRENT_DATE THEN 1 WHEN c.valid_to < CURRENT_DATE THEN 2 ELSE 0 END,
            CASE WHEN c.valid_from > CURRENT_DATE THEN c.valid_from END,
            CASE WHEN c.valid_to < CURRENT_DATE THEN c.valid_to END DESC,
            COALESCE(c.valid_from, DATE '0001-01-01') DESC, c.contract_id DESC LIMIT 1
    ), 'fi') AS service_language
FROM party p
WHERE NOT p.archived AND NOT p.deceased AND p.email_fold IS NOT NULL AND p.party_id IN (
    SELECT r.party_id FROM role r
    WHERE r.role = 'resident' AND (r.valid_from IS NULL OR r.valid_from <= CURRENT_DATE)
        AND (r.valid_to IS NULL OR r.valid_to >= CURRENT_DATE)
        AND r.property_id IN (
            WITH RECURSIVE chosen (property_id) AS (
                SELECT property_id FROM property WHERE city_fold = 'vantaa'
                UNION SELECT q.property_id FROM property q JOIN chosen c ON q.parent_id = c.property_id
            ) SELECT property_id FROM chosen
        )
)
ORDER BY p.sort_key, p.party_id
LIMIT 51;
