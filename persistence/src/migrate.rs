//! Brings the schema up to date at start, and refuses one that a newer version made.

use std::collections::HashSet;

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::{AnyConnection, MultiBackend};
use crate::database_url::DatabaseUrl;
use crate::door::{begin, commit, rollback};
use crate::error::{OpenError, StoreError};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Applies the migrations that are missing, all or none. Several processes may start at once: one applies, the others wait.
pub(crate) fn up_to_date(conn: &mut AnyConnection, url: &DatabaseUrl) -> Result<(), OpenError> {
    // On SQLite the transaction below waits for whoever is writing: not where nothing is missing.
    if matches!(conn, AnyConnection::Sqlite(_)) && pending(conn, url)? == 0 {
        return Ok(());
    }
    let failed = |error: StoreError| failed(url, &error.to_string());
    begin(conn, "BEGIN", "BEGIN IMMEDIATE").map_err(failed)?;
    match apply(conn, url) {
        Ok(()) => commit(conn).map_err(failed),
        Err(error) => {
            rollback(conn).map_err(failed)?;
            Err(error)
        }
    }
}

fn apply(conn: &mut AnyConnection, url: &DatabaseUrl) -> Result<(), OpenError> {
    if matches!(conn, AnyConnection::Postgresql(_)) {
        conn.batch_execute("SELECT pg_advisory_xact_lock(7003761850)")
            .map_err(|error| failed(url, &error.to_string()))?;
    }
    // Another process may have been faster.
    if pending(conn, url)? == 0 {
        return Ok(());
    }
    let done = conn.run_pending_migrations(source(conn)).map_err(|error| failed(url, &error.to_string()))?;
    for version in &done {
        log::info!("applied migration {version} to {url}");
    }
    Ok(())
}

/// How many migrations are missing; a schema that has others than ours is refused.
fn pending(conn: &mut AnyConnection, url: &DatabaseUrl) -> Result<usize, OpenError> {
    let known: HashSet<String> = MigrationSource::<MultiBackend>::migrations(&source(conn))
        .map_err(|error| failed(url, &error.to_string()))?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let applied = conn.applied_migrations().map_err(|error| failed(url, &error.to_string()))?;
    if let Some(newer) = applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        return Err(OpenError::NewerSchema { database: url.to_string(), migration: newer });
    }
    Ok(known.len().saturating_sub(applied.len()))
}

fn source(conn: &AnyConnection) -> EmbeddedMigrations {
    if matches!(conn, AnyConnection::Postgresql(_)) { POSTGRES } else { SQLITE }
}

fn failed(url: &DatabaseUrl, reason: &str) -> OpenError {
    OpenError::Migrate { database: url.to_string(), reason: reason.to_owned() }
}
