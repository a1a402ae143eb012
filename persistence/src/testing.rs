//! Throw-away databases for tests, of both kinds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::{Connection, PgConnection, RunQueryDsl as _};
use domain::ids::new_id;
use tempfile::TempDir;

use crate::connection::{self, Access, AnyConnection};
use crate::fragment::Fragment;
use crate::{DatabaseUrl, Db, DbSettings, Reader, StoreResult, Writer, door};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A fresh, empty database that goes away with the value.
pub struct TestDatabase {
    url: String,
    admin: Option<(String, String)>,
    _folder: Option<TempDir>,
}

/// What a test says when there is no PostgreSQL for it.
pub const REMEDY: &str = "POSTITUS_TEST_POSTGRES_URL is not set: run the tests by `make test`, or through \
    scripts/with-postgres.sh, which starts a throw-away PostgreSQL";

impl TestDatabase {
    /// Makes one.
    ///
    /// # Panics
    /// When it cannot be made: without PostgreSQL a test of PostgreSQL must fail.
    #[expect(clippy::expect_used, clippy::disallowed_methods, reason = "test support")]
    pub fn create(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let url = format!("sqlite:{}?mode=rwc", folder.path().join("test.db").display());
                Self { url, admin: None, _folder: Some(folder) }
            }
            Kind::Postgres => {
                let admin = std::env::var("POSTITUS_TEST_POSTGRES_URL").expect(REMEDY);
                let name = format!("postitus_test_{}", new_id().simple());
                let mut conn = PgConnection::establish(&admin).expect("the test server answers");
                conn.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database can be made");
                let mut url = url::Url::parse(&admin).expect("POSTITUS_TEST_POSTGRES_URL is a URL");
                url.set_path(&name);
                Self { url: url.to_string(), admin: Some((admin, name)), _folder: None }
            }
        }
    }

    /// The URL as POSTITUS_DATABASE_URL takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens it with a few connections.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[expect(clippy::expect_used, reason = "test support")]
    pub fn open(&self) -> Db {
        let url = DatabaseUrl::parse(&self.url).expect("a database URL");
        Db::open(&DbSettings { url, connections: 4 }).expect("the database opens")
    }
}

/// A connection with the product's settings and without its doors: for SQL that is run as it is written.
pub struct Session(AnyConnection);

impl Session {
    /// Opens one.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[expect(clippy::expect_used, reason = "test support")]
    pub fn open(url: &str) -> Self {
        let url = DatabaseUrl::parse(url).expect("a database URL");
        Self(connection::open(&url, Access::Write).expect("the database opens"))
    }

    /// Runs statements to their end, without their rows.
    ///
    /// # Errors
    /// What the database answers.
    pub fn execute(&mut self, sql: &str) -> StoreResult<()> {
        Ok(self.0.batch_execute(sql)?)
    }

    /// Runs a statement with one number, from 1 to `largest`, again and again for so long; how often in a second. Its rows are
    /// read.
    ///
    /// # Panics
    /// When the statement fails.
    #[expect(clippy::expect_used, reason = "test support")]
    pub fn loop_of(&mut self, sql: &'static str, largest: i64, length: std::time::Duration) -> f64 {
        let (before, after) = sql.split_once('?').expect("a place for the number");
        let begun = std::time::Instant::now();
        let (mut runs, mut number) = (0_u32, 1);
        while begun.elapsed() < length {
            // Far apart, and each as often as the others.
            number = (number * 7919 + 104_729) % largest + 1;
            let mut statement = Fragment::new(before);
            statement.bind(number).sql(after.trim_end().trim_end_matches(';'));
            let rows: Vec<NoColumns> = statement.load(&mut self.0).expect("rows");
            std::hint::black_box(rows);
            runs += 1;
        }
        f64::from(runs) / begun.elapsed().as_secs_f64()
    }

    /// The column `text` of what a statement answers.
    ///
    /// # Errors
    /// What the database answers.
    pub fn texts(&mut self, sql: &'static str) -> StoreResult<Vec<String>> {
        let rows: Vec<TextRow> = Fragment::new(sql).load(&mut self.0)?;
        Ok(rows.into_iter().map(|row| row.text).collect())
    }

    /// Reads as behind a door.
    ///
    /// # Errors
    /// What `work` answers.
    pub fn read<T>(&mut self, work: impl FnOnce(&mut Reader<'_>) -> StoreResult<T>) -> StoreResult<T> {
        work(&mut Reader { conn: &mut self.0 })
    }

    /// Writes as behind a door, in one transaction.
    ///
    /// # Errors
    /// What `work` or the database answers.
    pub fn write<T>(&mut self, mut work: impl FnMut(&mut Writer<'_>) -> StoreResult<T>) -> StoreResult<T> {
        door::transaction(&mut self.0, &mut work)
    }

    /// How SQLite means to run each statement that `work` runs.
    ///
    /// # Errors
    /// What `work` or the database answers.
    ///
    /// # Panics
    /// Never: nothing panics while it notes a statement down.
    #[expect(clippy::expect_used, reason = "test support")]
    pub fn plans_of(
        &mut self,
        work: impl FnOnce(&mut Self) -> StoreResult<()>,
    ) -> StoreResult<BTreeMap<String, Vec<String>>> {
        let statements = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&statements);
        self.0.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                noted.lock().expect("no panic").push(query.to_string());
            }
        });
        let done = work(self);
        self.0.set_instrumentation(None::<Box<dyn Instrumentation>>);
        done?;
        let statements = std::mem::take(&mut *statements.lock().expect("no panic"));
        let texts = statements.iter().filter_map(|text| text.split(" -- binds").next());
        let planned = texts.filter(|text| !["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| text.starts_with(word)));
        planned.map(|text| Ok((text.to_owned(), self.plan(&format!("EXPLAIN QUERY PLAN {text}"))?))).collect()
    }

    /// The lines that `EXPLAIN QUERY PLAN …` (SQLite) or `EXPLAIN …` (PostgreSQL) answers.
    ///
    /// # Errors
    /// What the database answers.
    pub fn plan(&mut self, explain: &str) -> StoreResult<Vec<String>> {
        Ok(match &mut self.0 {
            AnyConnection::Sqlite(conn) => {
                let rows: Vec<SqlitePlan> = diesel::sql_query(explain).load(conn)?;
                rows.into_iter().map(|row| row.detail).collect()
            }
            AnyConnection::Postgresql(conn) => {
                let rows: Vec<PostgresPlan> = diesel::sql_query(explain).load(conn)?;
                rows.into_iter().map(|row| row.line).collect()
            }
        })
    }
}

/// What a statement answers as `text`.
#[derive(diesel::QueryableByName)]
struct TextRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// A row whose columns are not looked at.
struct NoColumns;

impl<DB: diesel::backend::Backend> diesel::deserialize::QueryableByName<DB> for NoColumns {
    fn build<'a>(_: &impl diesel::row::NamedRow<'a, DB>) -> diesel::deserialize::Result<Self> {
        Ok(Self)
    }
}

#[derive(diesel::QueryableByName)]
struct SqlitePlan {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

#[derive(diesel::QueryableByName)]
struct PostgresPlan {
    #[diesel(sql_type = diesel::sql_types::Text)]
    #[diesel(column_name = "QUERY PLAN")]
    line: String,
}

/// Runs any SQL behind either door.
///
/// # Errors
/// What the database answers.
pub fn execute(reader: &mut Reader<'_>, sql: &str) -> StoreResult<()> {
    Ok(reader.conn.batch_execute(sql)?)
}

/// Every table of the schema.
const TABLES: [&str; 13] = [
    "audit_event",
    "contact",
    "contract",
    "delivery",
    "delivery_attempt",
    "due_item",
    "idempotency_key",
    "mailing",
    "mailing_preview",
    "mailing_row",
    "party",
    "property",
    "role",
];

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// How many rows each table has.
///
/// # Errors
/// What the database answers.
pub fn row_counts(reader: &mut Reader<'_>) -> StoreResult<Vec<(&'static str, i64)>> {
    let mut counts = Vec::new();
    for table in TABLES {
        let mut sql = Fragment::new("SELECT COUNT(*) AS count FROM ");
        sql.sql(table);
        counts.push((table, sql.load::<Count>(reader.conn)?.into_iter().map(|row| row.count).sum()));
    }
    Ok(counts)
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((admin, name)) = &self.admin
            && let Ok(mut conn) = PgConnection::establish(admin)
        {
            // A database left behind goes with the throw-away server.
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}
