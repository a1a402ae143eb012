DROP TABLE due_item;
