//! Imports of the register, by `postitus import` and by `POST /api/v1/register-imports` alike.
//!
//! Rows are checked and worked out without any lock, in bounded memory: [`crate::register_import`] keeps ids only, and what is
//! to be written waits in a file ([`stage`]). One transaction then writes all of it ([`merge`]), so that an import is seen as a
//! whole or not at all, and holds up other writers no longer than the writing takes.

mod absent;
mod ahead;
mod failure;
pub mod jobs;
mod known;
mod merge;
mod outcome;
mod stage;
mod words;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use persistence::local_values::Origin;
use persistence::{Db, Writer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::register_import::{RegisterFiles, Validated, validate};

pub use failure::{ImportFailure, MassEnd};
pub use outcome::{Imported, KindCounts};

use absent::Absent;
use known::StoredIds;

/// The folder of imports in the data folder.
pub const FOLDER: &str = "imports";

/// What the rows that a file does not have mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Nothing: the files bring what is new or has changed.
    #[default]
    Delta,
    /// The ERP has them no more: roles and contracts end, parties are archived.
    Full,
}

/// How to import.
#[derive(Debug, Clone, Copy)]
pub struct ImportOptions {
    pub mode: ImportMode,
    /// Keep the good rows; otherwise one bad row leaves everything as it was. Not with [`ImportMode::Full`], where a bad row would
    /// look like one that is gone.
    pub skip_bad_rows: bool,
    /// Let a full import end or archive more than a tenth of the rows of a kind.
    pub allow_mass_end: bool,
    /// The day before which what is gone ends.
    pub today: NaiveDate,
    /// Where the values come from, for conflicts.
    pub origin: Origin,
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Checking,
    Preparing,
    Merging,
}

impl Phase {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Preparing => "preparing",
            Self::Merging => "merging",
        }
    }
}

/// Follows an import, and may end it.
pub trait Watch {
    /// Told often how far the phase is, in bytes.
    fn at(&self, phase: Phase, done: u64, total: u64);

    /// Told once which rows are bad, before anything is written.
    ///
    /// # Errors
    /// When they cannot be kept; the import fails then.
    fn checked(&self, validated: &Validated) -> Result<(), ImportFailure>;

    /// Told once, in the transaction that writes the import, when all is written.
    ///
    /// # Errors
    /// When it cannot be written down; the import fails then.
    fn merged(&self, _writer: &mut Writer<'_>, _imported: &Imported) -> Result<(), ImportFailure> {
        Ok(())
    }

    /// Whether the import is to stop; it then changes nothing.
    fn is_cancelled(&self) -> bool;
}

/// Where an import keeps its files, in the data folder.
pub fn folder(data_dir: &Path, id: Uuid) -> PathBuf {
    data_dir.join(FOLDER).join(id.to_string())
}

/// Imports the files. Blocks until it is done; `scratch` is a folder for what waits to be written.
///
/// # Errors
/// [`ImportFailure`]; nothing was changed then.
pub fn run(
    db: &Db,
    files: RegisterFiles,
    options: &ImportOptions,
    scratch: &Path,
    watch: &Arc<dyn Watch + Send + Sync>,
) -> Result<Imported, ImportFailure> {
    let mut validated = validate(&files, &mut StoredIds(db), &|done, total| watch.at(Phase::Checking, done, total))?;
    watch.checked(&validated)?;
    let bad = validated.bad_rows_total;
    if bad > 0 && (!options.skip_bad_rows || options.mode == ImportMode::Full) {
        return Err(ImportFailure::BadRows { bad, mode: options.mode });
    }
    let present = std::mem::take(&mut validated.present);
    let absent = match options.mode {
        ImportMode::Delta => Absent::default(),
        ImportMode::Full => absent::find(db, &files, present, options)?,
    };
    let staged = stage::stage(db, &files, &validated, absent, scratch, watch.as_ref())?;
    merge::merge(db, staged, options, bad, Arc::clone(watch))
}
