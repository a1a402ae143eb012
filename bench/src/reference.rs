//! Runs the reference: SQL by hand, from the files in `bench/sql`, over the product's own tables and with its settings of the
//! database.

use std::time::{Duration, Instant};

use integration_tests::Database;
use persistence::testing::Session;

/// A connection for references.
pub struct Reference(Session);

impl Reference {
    /// Opens one.
    pub fn open(url: &str) -> Self {
        Self(Session::open(url))
    }

    /// Runs statements to their end; their rows are read and thrown away.
    pub fn run(&mut self, sql: &str) -> Duration {
        let started = Instant::now();
        self.0.execute(sql).expect("SQL that runs");
        started.elapsed()
    }

    /// Prints how the database means to run these statements.
    pub fn print_plans(&mut self, database: Database, sql: &str) {
        for statement in statements(sql) {
            let explain = match database {
                Database::Sqlite => "EXPLAIN QUERY PLAN",
                Database::Postgres => "EXPLAIN",
            };
            let first = statement.lines().find(|line| !line.starts_with("--")).unwrap_or_default();
            eprintln!("   plan of: {first} …");
            for line in self.0.plan(&format!("{explain} {statement}")).expect("a plan") {
                eprintln!("     {line}");
            }
        }
    }
}

/// Picks the text of a database.
pub fn text_for(database: Database, sqlite: &'static str, postgres: &'static str) -> &'static str {
    match database {
        Database::Sqlite => sqlite,
        Database::Postgres => postgres,
    }
}

/// The statements of a file that have a plan.
fn statements(sql: &str) -> impl Iterator<Item = &str> {
    let planned = |statement: &&str| {
        let words = statement.lines().find(|line| !line.trim_start().starts_with("--")).unwrap_or_default();
        ["SELECT", "INSERT", "WITH"].iter().any(|word| words.trim_start().starts_with(word))
    };
    sql.split(";\n").map(str::trim).filter(planned)
}
