//! One connection of either database, opened by the scheme of its URL.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryResult, SqliteConnection};

use crate::database_url::{DatabaseUrl, Location};
use crate::error::OpenError;

/// A connection of either database. Opened only by [`open`]: the derived `establish` guesses and would create files.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgresql(PgConnection),
    Sqlite(SqliteConnection),
}

/// What a connection will be used for; the database enforces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// Opens a connection.
///
/// # Errors
/// [`OpenError::Connect`] with what the database said.
pub fn open(url: &DatabaseUrl, access: Access) -> Result<AnyConnection, OpenError> {
    let failed = |reason: String| OpenError::Connect { database: url.to_string(), reason };
    match url.location() {
        Location::Sqlite { path, create } => {
            if !create && !path.exists() {
                return Err(failed("there is no such file; ?mode=rwc at the end of the URL has it made".to_owned()));
            }
            let mode = if *create { "rwc" } else { "rw" };
            let mut connection =
                SqliteConnection::establish(&sqlite_uri(path, mode)).map_err(|error| failed(error.to_string()))?;
            set_up_sqlite(&mut connection).map_err(|error| failed(error.to_string()))?;
            let own = match access {
                Access::Read => "PRAGMA query_only = ON",
                // Building an index sorts all of it: not in memory.
                Access::Write => "PRAGMA temp_store = FILE",
            };
            connection.batch_execute(own).map_err(|error| failed(error.to_string()))?;
            Ok(AnyConnection::Sqlite(connection))
        }
        Location::Postgres { url } => {
            let mut connection = PgConnection::establish(url).map_err(|error| failed(error.to_string()))?;
            let mut settings = POSTGRES_SETTINGS.to_owned();
            if access == Access::Read {
                settings.push_str("SET default_transaction_read_only = on;");
            }
            connection.batch_execute(&settings).map_err(|error| failed(error.to_string()))?;
            Ok(AnyConnection::Postgresql(connection))
        }
    }
}

/// How often a new file's change to WAL is tried while other processes open it too.
const WAL_ATTEMPTS: u32 = 20;

fn set_up_sqlite(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute("PRAGMA busy_timeout = 5000")?;
    let mut attempt = 1;
    // SQLite does not wait for this lock, but it does for a transaction.
    while let Err(error) = connection.batch_execute("PRAGMA journal_mode = WAL") {
        if attempt == WAL_ATTEMPTS || !error.to_string().contains("locked") {
            return Err(error);
        }
        attempt += 1;
        connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK")?;
    }
    connection.batch_execute(SQLITE_SETTINGS)
}

/// A commit that was acknowledged must survive a crash: `synchronous = FULL`. While much is sent, the same pages change with every
/// commit: they are carried from the log into the file every 32 MB, and not every 4, as else.
const SQLITE_SETTINGS: &str = "PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = 8000;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16000;";

/// A filter's statement is run once: to compile it (`jit`) takes longer than to run it, by seconds. A set of parties that the
/// planner thinks larger than `work_mem` is searched from end to end for every party of the register, which takes hours; 128
/// MB hold at least four million.
const POSTGRES_SETTINGS: &str = "SET TIME ZONE 'UTC'; SET client_min_messages = warning; SET jit = off;
    SET work_mem = '128MB';";

fn sqlite_uri(path: &std::path::Path, mode: &str) -> String {
    let escaped: String = path
        .to_string_lossy()
        .chars()
        .flat_map(|c| match c {
            '%' => "%25".chars().collect::<Vec<_>>(),
            '?' => "%3f".chars().collect(),
            '#' => "%23".chars().collect(),
            other => vec![other],
        })
        .collect();
    format!("file:{escaped}?mode={mode}")
}
