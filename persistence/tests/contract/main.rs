//! What persistence promises, run on SQLite and on PostgreSQL: each scenario is the module of its name, with a test per
//! database. PostgreSQL is the one of POSTITUS_TEST_POSTGRES_URL, as scripts/with-postgres.sh sets it.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail by panic")]

/// Makes `name::sqlite` and `name::postgres` of one scenario, each with a fresh, empty database.
macro_rules! on_both {
    ($name:ident, |$database:ident| $scenario:block) => {
        fn $name($database: &persistence::testing::TestDatabase) $scenario

        mod $name {
            use persistence::testing::{Kind, TestDatabase};

            #[test]
            fn sqlite() {
                super::$name(&TestDatabase::create(Kind::Sqlite));
            }

            #[test]
            fn postgres() {
                super::$name(&TestDatabase::create(Kind::Postgres));
            }
        }
    };
}

mod attachments;
mod attributes;
mod bulk;
mod contacts;
mod deliveries;
mod depth;
mod doors;
mod due_items;
mod idempotency;
mod internetviestit;
mod local_values;
mod mailings;
mod opening;
mod operations;
mod recipient_query;
mod register;
mod support;
mod templates;
