SELECT i.internetviesti_id, i.version, i.shown_at, i.valid_from, i.valid_to, i.important, i.created_by, i.corrects, v.language, v.title, v.attachments,
    EXISTS (SELECT 1 FROM internetviesti_read r WHERE r.internetviesti_id = i.internetviesti_id AND r.party_id = t.party_id)
FROM (SELECT * FROM internetviesti_party WHERE party_id = ? ORDER BY shown_at DESC, internetviesti_id DESC LIMIT 51) t
JOIN internetviesti i ON i.internetviesti_id = t.internetviesti_id
JOIN internetviesti_version v ON v.internetviesti_id = i.internetviesti_id
WHERE i.state = 'julkaistu' AND i.shown_at <= '2030-01-01' AND (i.valid_to IS NULL OR i.valid_to > '2030-01-01')
ORDER BY t.shown_at DESC, t.internetviesti_id DESC, v.position;
