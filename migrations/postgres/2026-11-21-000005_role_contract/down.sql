DROP INDEX role_contract;
