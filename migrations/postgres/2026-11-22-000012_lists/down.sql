DROP TABLE filter_use;
DROP TABLE project_contact_list;
DROP TABLE project;
DROP TABLE contact_list_member;
DROP TABLE contact_list;
DROP TABLE recipient_query_count;
DROP TABLE recipient_query_version;
DROP TABLE recipient_query;
