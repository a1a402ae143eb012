//! What a caller holds inside a door.

use std::ops::{Deref, DerefMut};

use diesel::connection::{AnsiTransactionManager, TransactionManager};

use crate::connection::AnyConnection;
use crate::error::{StoreError, StoreResult};

/// The error type of work behind a door: it can carry a [`StoreError`], and shows it, so that contended writes are repeated.
pub trait DoorError: From<StoreError> + Send + 'static {
    /// The failure of the database inside, if that is what this is.
    fn store_error(&self) -> Option<&StoreError>;
}

impl DoorError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// Reads. On SQLite and on PostgreSQL the connection behind it refuses to write.
pub struct Reader<'a> {
    pub(crate) conn: &'a mut AnyConnection,
}

impl Reader<'_> {
    /// Runs several reads on one snapshot of the data.
    ///
    /// # Errors
    /// What `work` answers, or a failure to begin.
    pub fn snapshot<T, E: DoorError>(&mut self, work: impl FnOnce(&mut Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        begin(self.conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN")?;
        let answer = work(&mut Reader { conn: self.conn });
        // Nothing was written, so there is nothing a commit could save.
        rollback(self.conn)?;
        answer
    }
}

/// Writes, inside one transaction that sees one snapshot; everything is undone unless the work answers `Ok`.
pub struct Writer<'a> {
    reader: Reader<'a>,
}

impl<'a> Deref for Writer<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

impl<'a> DerefMut for Writer<'a> {
    fn deref_mut(&mut self) -> &mut Reader<'a> {
        &mut self.reader
    }
}

/// Runs `work` in one write transaction.
pub(crate) fn transaction<T, E: DoorError>(
    conn: &mut AnyConnection,
    work: &mut dyn FnMut(&mut Writer<'_>) -> Result<T, E>,
) -> Result<T, E> {
    begin(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN IMMEDIATE")?;
    let answer = work(&mut Writer { reader: Reader { conn } });
    match answer {
        Ok(value) => match commit(conn) {
            Ok(()) => Ok(value),
            Err(error) => {
                // A failed commit may leave the transaction open; the rollback's own error adds nothing.
                let _ = rollback(conn);
                Err(error.into())
            }
        },
        Err(error) => match rollback(conn) {
            // What the database failed at says more than that there was nothing left to undo, as when its disk is full.
            Err(failed) if error.store_error().is_none() => Err(failed.into()),
            _ => Err(error),
        },
    }
}

/// Begins a transaction by the statement of the database at hand.
pub(crate) fn begin(conn: &mut AnyConnection, postgres: &str, sqlite: &str) -> StoreResult<()> {
    match conn {
        AnyConnection::Postgresql(conn) => AnsiTransactionManager::begin_transaction_sql(conn, postgres)?,
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite)?,
    }
    Ok(())
}

/// Commits what [`begin`] began.
pub(crate) fn commit(conn: &mut AnyConnection) -> StoreResult<()> {
    <AnyConnection as diesel::Connection>::TransactionManager::commit_transaction(conn).map_err(StoreError::from)
}

/// Undoes what was done since [`begin`].
pub(crate) fn rollback(conn: &mut AnyConnection) -> StoreResult<()> {
    <AnyConnection as diesel::Connection>::TransactionManager::rollback_transaction(conn).map_err(StoreError::from)
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;

    use super::*;
    use crate::DatabaseUrl;
    use crate::connection::{Access, open};

    #[test]
    fn a_full_disk_is_told_of_although_sqlite_has_undone_all_already() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("full.db").display());
        let mut conn = open(&DatabaseUrl::parse(&url).unwrap(), Access::Write).unwrap();
        conn.batch_execute("CREATE TABLE large (bytes BLOB); PRAGMA max_page_count = 10").unwrap();
        let mut write = |sql: &'static str| {
            transaction(&mut conn, &mut |writer| Ok::<_, StoreError>(writer.conn.batch_execute(sql)?))
        };
        let error = write("INSERT INTO large VALUES (zeroblob(1000000))").unwrap_err();
        assert!(error.to_string().contains("full"), "{error}");
        write("INSERT INTO large VALUES ('small')").unwrap();
    }
}
