-- Freezing by hand: the same recipients, in the same order, the same columns. Ids grow as the product's do.
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS temp.run;
CREATE TEMP TABLE run AS SELECT randomblob(16) AS mailing_id, hex(randomblob(10)) AS prefix;
INSERT INTO mailing (mailing_id, version, name, status, draft, created_at, created_by, updated_at)
SELECT mailing_id, 1, 'by hand', 'paused', '{}', datetime('now'), 'bench', datetime('now') FROM run;
INSERT INTO delivery (delivery_id, mailing_id, row_no, state, attempts, due_at)
SELECT unhex(run.prefix || printf('%012x', row_number() OVER (ORDER BY p.sort_key, p.party_id))), run.mailing_id,
    row_number() OVER (ORDER BY p.sort_key, p.party_id), 'queued', 0, strftime('%Y-%m-%d %H:%M:%f', 'now')
FROM party p, run
WHERE NOT p.archived AND NOT p.deceased AND NOT p.address_protected AND p.city_fold = 'turku' AND p.email_state = 'valid';
INSERT INTO mailing_row (mailing_id, row_no, party_id, channel, address, language, version_no, merge_values, reason,
    shared, delivery_id)
SELECT run.mailing_id, row_number() OVER (ORDER BY p.sort_key, p.party_id), p.party_id, 'email', p.email_address,
    COALESCE(p.language, (
        SELECT c.language FROM contract c WHERE c.party_id = p.party_id AND c.language IS NOT NULL
        ORDER BY CASE WHEN c.valid_from > date('now') THEN 1 WHEN c.valid_to < date('now') THEN 2 ELSE 0 END,
            CASE WHEN c.valid_from > date('now') THEN c.valid_from END,
            CASE WHEN c.valid_to < date('now') THEN c.valid_to END DESC,
            COALESCE(c.valid_from, '0001-01-01') DESC, c.contract_id DESC LIMIT 1
    ), 'fi'), 0, json_object('recipient.name', p.name, 'recipient.party_id', CAST(p.party_id AS TEXT)), NULL, NULL,
    unhex(run.prefix || printf('%012x', row_number() OVER (ORDER BY p.sort_key, p.party_id)))
FROM party p, run
WHERE NOT p.archived AND NOT p.deceased AND NOT p.address_protected AND p.city_fold = 'turku' AND p.email_state = 'valid';
COMMIT;
