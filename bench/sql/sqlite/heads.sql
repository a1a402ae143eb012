SELECT i.internetviesti_id, i.version, i.shown_at, i.valid_from, i.valid_to, i.important, i.created_by, i.corrects, v.language, v.title, v.attachments
FROM internetviesti i JOIN internetviesti_version v ON v.internetviesti_id = i.internetviesti_id
WHERE i.internetviesti_id = ? AND i.state = 'julkaistu' AND i.shown_at <= '2030-01-01' AND (i.valid_to IS NULL OR i.valid_to > '2030-01-01')
ORDER BY v.position;
