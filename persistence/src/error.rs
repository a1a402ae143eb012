//! What can go wrong behind the doors, and while opening them.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use thiserror::Error;

/// The answer of a function behind a door.
pub type StoreResult<T> = Result<T, StoreError>;

/// A failure behind a door. None of them is the caller's fault: what input can cause is checked before.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another transaction was faster; the door repeats the work a bounded number of times.
    #[error("another transaction changed the same data")]
    Contended,
    /// A row refers to one that is not there. References are looked up before they are written: somebody has removed it meanwhile, and
    /// the door repeats the work, which then sees that.
    #[error("what is referred to is not there any more")]
    Dangling,
    /// The queue before the door is full, or the database is locked by a long write: try again later.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached now.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// A stored value does not have the form this version writes.
    #[error("inconsistent data in {0}")]
    Inconsistent(String),
    /// Work behind the door panicked; its transaction was rolled back.
    #[error("work behind the door panicked")]
    Panicked,
    /// Anything else the database answered.
    #[error(transparent)]
    Query(DieselError),
}

impl StoreError {
    /// Whether the same work may succeed at once when it is run again.
    pub fn is_contention(&self) -> bool {
        matches!(self, Self::Contended | Self::Dangling)
    }

    /// Whether a row with the same key was there already.
    pub(crate) fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Query(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }

    /// Whether the connection that gave this error must not be used again.
    pub(crate) fn breaks_connection(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Panicked)
            || matches!(self, Self::Query(DieselError::BrokenTransactionManager | DieselError::AlreadyInTransaction))
    }
}

/// The keys that only a race between two transactions can violate: each looks before it writes.
const RACES: [&str; 4] = ["idempotency_key_pkey", "template_folder_name", "template_name", "template_default"];

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Contended,
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => {
                Self::Unreachable(info.message().to_owned())
            }
            DieselError::DatabaseError(kind, info) => match (kind, info.message()) {
                (_, "deadlock detected") => Self::Contended,
                (DatabaseErrorKind::ForeignKeyViolation, _) => Self::Dangling,
                // Run again, the work sees who was first.
                (DatabaseErrorKind::UniqueViolation, _)
                    if info.constraint_name().is_some_and(|name| RACES.contains(&name)) =>
                {
                    Self::Contended
                }
                (_, "database is locked" | "database table is locked") => Self::Busy,
                (_, message)
                    if message.contains("server closed the connection")
                        || message.contains("terminating connection") =>
                {
                    Self::Unreachable(message.to_owned())
                }
                _ => Self::Query(error),
            },
            _ => Self::Query(error),
        }
    }
}

/// Why the database could not be opened at start. Nothing was created.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The URL is not one of the forms this product knows.
    #[error("{0}")]
    Url(String),
    /// The server or the file cannot be used.
    #[error("cannot open the database {database}: {reason}")]
    Connect { database: String, reason: String },
    /// The schema was made by a newer version.
    #[error(
        "the schema of {database} has migration {migration}, which this version does not know: it was made by a newer \
         version of postitus; start that version, or restore a backup taken before the upgrade"
    )]
    NewerSchema { database: String, migration: String },
    /// A migration failed; it was rolled back.
    #[error("cannot bring the schema of {database} up to date: {reason}")]
    Migrate { database: String, reason: String },
}
