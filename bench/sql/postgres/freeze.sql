-- Freezing by hand: the same recipients, in the same order, the same columns. Ids grow as the product's do.
BEGIN;
DROP TABLE IF EXISTS run;
CREATE TEMP TABLE run AS SELECT gen_random_uuid() AS mailing_id, left(md5(random()::text), 20) AS prefix;
INSERT INTO mailing (mailing_id, version, name, status, draft, created_at, created_by, updated_at)
SELECT mailing_id, 1, 'by hand', 'paused', '{}', LOCALTIMESTAMP, 'bench', LOCALTIMESTAMP FROM run;
INSERT INTO delivery (delivery_id, mailing_id, row_no, state, attempts, due_at)
SELECT CAST(run.prefix || lpad(to_hex(row_number() OVER (ORDER BY p.sort_key, p.party_id)), 12, '0') AS UUID), run.mailing_id,
    row_number() OVER (ORDER BY p.sort_key, p.party_id), 'queued', 0, LOCALTIMESTAMP
FROM party p, run
WHERE NOT p.archived AND NOT p.deceased AND NOT p.address_protected AND p.city_fold = 'turku' AND p.email_state = 'valid';
INSERT INTO mailing_row (mailing_id, row_no, party_id, channel, address, language, version_no, merge_values, reason,
    shared, delivery_id)
SELECT run.mailing_id, row_number() OVER (ORDER BY p.sort_key, p.party_id), p.party_id, 'email', p.email_address,
    COALESCE(p.language, (
        SELECT c.language FROM contract c WHERE c.party_id = p.party_id AND c.language IS NOT NULL
        ORDER BY CASE WHEN c.valid_from > CURRENT_DATE THEN 1 WHEN c.valid_to < CURRENT_DATE THEN 2 ELSE 0 END,
            CASE WHEN c.valid_from > CURRENT_DATE THEN c.valid_from END,
            CASE WHEN c.valid_to < CURRENT_DATE THEN c.valid_to END DESC,
            COALESCE(c.valid_from, DATE '0001-01-01') DESC, c.contract_id DESC LIMIT 1
    ), 'fi'), 0, json_build_object('recipient.name', p.name, 'recipient.party_id', CAST(p.party_id AS TEXT))::text, NULL, NULL,
    CAST(run.prefix || lpad(to_hex(row_number() OVER (ORDER BY p.sort_key, p.party_id)), 12, '0') AS UUID)
FROM party p, run
WHERE NOT p.archived AND NOT p.deceased AND NOT p.address_protected AND p.city_fold = 'turku' AND p.email_state = 'valid';
COMMIT;
