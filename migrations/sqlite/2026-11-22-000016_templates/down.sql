DROP TABLE template_attachment;
DROP TABLE template_version;
DROP TABLE template;
DROP TABLE template_folder;
