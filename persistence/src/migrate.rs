//! Brings the schema up to date at start, and refuses one that a newer version made.

use std::collections::HashSet;

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::{AnyConnection, MultiBackend};
use crate::database_url::DatabaseUrl;
use crate::error::OpenError;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Applies the migrations that are missing. Several processes may start at once on PostgreSQL: one applies, the others wait.
pub(crate) fn up_to_date(conn: &mut AnyConnection, url: &DatabaseUrl) -> Result<(), OpenError> {
    let failed = |reason: String| OpenError::Migrate { database: url.to_string(), reason };
    let is_postgres = matches!(conn, AnyConnection::Postgresql(_));
    if is_postgres {
        conn.batch_execute("SELECT pg_advisory_lock(7003761850)").map_err(|error| failed(error.to_string()))?;
    }
    let source = if is_postgres { POSTGRES } else { SQLITE };
    let known: HashSet<String> = MigrationSource::<MultiBackend>::migrations(&source)
        .map_err(|error| failed(error.to_string()))?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let applied = conn.applied_migrations().map_err(|error| failed(error.to_string()))?;
    if let Some(newer) = applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        return Err(OpenError::NewerSchema { database: url.to_string(), migration: newer });
    }
    let done = conn.run_pending_migrations(source).map_err(|error| failed(error.to_string()))?;
    for version in &done {
        log::info!("applied migration {version} to {url}");
    }
    if is_postgres {
        conn.batch_execute("SELECT pg_advisory_unlock(7003761850)").map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}
