//! The second pass: the good rows, in sets, in one transaction.

use std::fmt;
use std::sync::Arc;

use indicatif::ProgressBar;
use persistence::register::Upserted;
use persistence::{Db, DoorError, StoreError, StoreResult, Writer, contracts, parties, properties, roles};
use thiserror::Error;

use crate::register_import::{BadRow, ImportError, RegisterFiles, Rows, Validated};

/// So many rows are in memory at a time.
const CHUNK: usize = 1000;

/// What an import changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::commands) struct Imported {
    pub(in crate::commands) parties: Upserted,
    pub(in crate::commands) properties: Upserted,
    pub(in crate::commands) contracts: Upserted,
    pub(in crate::commands) roles: Upserted,
}

impl fmt::Display for Imported {
    /// One line a kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parties, properties, contracts, roles } = self;
        let kinds = [("parties", parties), ("properties", properties), ("contracts", contracts), ("roles", roles)];
        for (kind, Upserted { added, changed, unchanged }) in kinds {
            writeln!(f, "{kind}: {added} added, {changed} changed, {unchanged} unchanged")?;
        }
        Ok(())
    }
}

/// Why nothing was written.
#[derive(Debug, Error)]
pub(super) enum WriteFailure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Files(#[from] ImportError),
    #[error("{0} (this row was good a moment ago: the file was changed while it was imported)")]
    Changed(BadRow),
}

impl DoorError for WriteFailure {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Files(_) | Self::Changed(_) => None,
        }
    }
}

/// Writes the good rows. When the transaction has to be repeated, so are the files read.
pub(super) fn write(
    db: &Db,
    files: Arc<RegisterFiles>,
    validated: Arc<Validated>,
    bar: ProgressBar,
) -> Result<Imported, WriteFailure> {
    db.write_blocking(move |writer| Pass { writer, files: &files, validated: &validated, bar: &bar, bytes: 0 }.run())
}

struct Pass<'a, 'w> {
    writer: &'a mut Writer<'w>,
    files: &'a RegisterFiles,
    validated: &'a Validated,
    bar: &'a ProgressBar,
    /// Of the files before the present one.
    bytes: u64,
}

impl Pass<'_, '_> {
    /// What is referred to comes before what refers to it.
    fn run(mut self) -> Result<Imported, WriteFailure> {
        let (files, validated) = (self.files, self.validated);
        let properties = self.file(files.properties(validated)?, properties::upsert)?;
        let parties = self.file(files.parties(validated)?, parties::upsert)?;
        let contracts = self.file(files.contracts(validated)?, contracts::upsert)?;
        let roles = self.file(files.roles(validated)?, roles::upsert)?;
        Ok(Imported { parties, properties, contracts, roles })
    }

    fn file<'r, T>(
        &mut self,
        mut rows: Rows<'r, T>,
        upsert: fn(&mut Writer<'_>, Vec<T>) -> StoreResult<Upserted>,
    ) -> Result<Upserted, WriteFailure>
    where
        Rows<'r, T>: Iterator<Item = Result<T, BadRow>>,
    {
        let mut total = Upserted::default();
        loop {
            let chunk = rows.by_ref().take(CHUNK).collect::<Result<Vec<T>, BadRow>>().map_err(WriteFailure::Changed)?;
            if chunk.is_empty() {
                self.bytes += rows.bytes_done();
                return Ok(total);
            }
            total += upsert(self.writer, chunk)?;
            self.bar.set_position(self.bytes + rows.bytes_done());
        }
    }
}
