DROP TABLE property_attribute;
DROP TABLE party_attribute;
DROP TABLE attribute_change;
DROP TABLE attribute;
