SELECT p.language, (SELECT c.language FROM contract c WHERE c.party_id = p.party_id AND c.language IS NOT NULL ORDER BY c.contract_id DESC LIMIT 1)
FROM party p WHERE p.party_id = :party;
SELECT i.internetviesti_id, i.version, i.shown_at, i.valid_from, i.valid_to, i.important, i.created_by, i.corrects,
    EXISTS (SELECT 1 FROM internetviesti_read r WHERE r.internetviesti_id = i.internetviesti_id AND r.party_id = t.party_id),
    (SELECT MAX(n.internetviesti_id) FROM internetviesti n WHERE n.corrects = i.internetviesti_id AND n.state = 'julkaistu')
FROM internetviesti_party t JOIN internetviesti i ON i.internetviesti_id = t.internetviesti_id
WHERE t.party_id = :party AND i.state = 'julkaistu' AND i.shown_at <= localtimestamp AND (i.valid_to IS NULL OR i.valid_to > localtimestamp)
ORDER BY t.shown_at DESC, t.internetviesti_id DESC LIMIT 51;
SELECT v.internetviesti_id, v.language, v.title, v.attachments FROM internetviesti_version v
WHERE v.internetviesti_id IN (SELECT t.internetviesti_id FROM internetviesti_party t WHERE t.party_id = :party ORDER BY t.shown_at DESC, t.internetviesti_id DESC LIMIT 51)
ORDER BY v.internetviesti_id, v.position;
