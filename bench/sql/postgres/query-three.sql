-- Residents of a town who have an e-mail address.
p.email_fold IS NOT NULL AND p.party_id IN (
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
