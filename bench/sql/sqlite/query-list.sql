-- The residents on a contact list.
p.party_id IN (
    SELECT m.party_id FROM contact_list_member m JOIN contact_list l ON l.list_id = m.list_id WHERE l.name = 'measured'
) AND p.party_id IN (
    SELECT r.party_id FROM role r
    WHERE r.role = 'resident' AND (r.valid_from IS NULL OR r.valid_from <= date('now'))
        AND (r.valid_to IS NULL OR r.valid_to >= date('now'))
)
