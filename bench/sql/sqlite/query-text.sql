-- The beginnings of two words of a person, or of a property that it has a role in.
p.party_id IN (
    SELECT w.party_id FROM party_word w WHERE w.word >= 'virta' AND w.word < 'virtb'
    UNION ALL
    SELECT r.party_id FROM property_word w JOIN role r ON r.property_id = w.property_id
    WHERE w.word >= 'virta' AND w.word < 'virtb' AND (r.valid_from IS NULL OR r.valid_from <= date('now'))
        AND (r.valid_to IS NULL OR r.valid_to >= date('now'))
) AND p.party_id IN (
    SELECT w.party_id FROM party_word w WHERE w.word >= 'ma' AND w.word < 'mb'
    UNION ALL
    SELECT r.party_id FROM property_word w JOIN role r ON r.property_id = w.property_id
    WHERE w.word >= 'ma' AND w.word < 'mb' AND (r.valid_from IS NULL OR r.valid_from <= date('now'))
        AND (r.valid_to IS NULL OR r.valid_to >= date('now'))
)
