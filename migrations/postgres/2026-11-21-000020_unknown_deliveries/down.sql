DROP INDEX delivery_unknown;
