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
        matches!(self, Self::Contended)
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

/// The constraints that only a race between two transactions can violate: each checks them before it writes.
const RACES: [&str; 11] = [
    "mailing_attachment_exists",
    "template_attachment_exists",
    "template_folder_exists",
    "template_folder_name",
    "template_name",
    "template_default",
    "filter_use_query_exists",
    "filter_use_list_exists",
    "contact_list_query_exists",
    "project_contact_list_project_exists",
    "project_contact_list_list_exists",
];

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Contended,
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => {
                Self::Unreachable(info.message().to_owned())
            }
            DieselError::DatabaseError(kind, info) => match (kind, info.message()) {
                (_, "deadlock detected") => Self::Contended,
                (DatabaseErrorKind::UniqueViolation, _) if info.constraint_name() == Some("idempotency_key_pkey") => {
                    Self::Contended
                }
                // What is named was deleted meanwhile, or a name was taken: run again, the work sees which of the two was first.
                (DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::UniqueViolation, _)
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
