//! What can be wrong: with one row, which is reported and may be skipped, or with the import as a whole.

use std::{fmt, io, path::PathBuf};

use super::{LookupError, columns::RegisterFile};

/// A row that can't be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The file's name, for instance `parties.csv`.
    pub file: String,
    /// The physical line on which the row begins; the header is line 1.
    pub line: u64,
    /// The column at fault; `None` when it is the row as a whole.
    pub column: Option<String>,
    /// One English sentence that names the remedy, without the row's personal data where that can be helped.
    pub reason: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(f, "{column}: ")?;
        }
        f.write_str(&self.reason)
    }
}

/// What is wrong with a row, before it is known which row that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowFault {
    pub(super) column: Option<&'static str>,
    pub(super) reason: String,
}

impl RowFault {
    /// A fault of one column.
    pub(super) fn of(column: &'static str, reason: impl Into<String>) -> Self {
        Self { column: Some(column), reason: reason.into() }
    }

    /// A fault of the row as a whole.
    pub(super) fn of_row(reason: impl Into<String>) -> Self {
        Self { column: None, reason: reason.into() }
    }

    /// The fault at its place.
    pub(super) fn at(self, file: RegisterFile, line: u64) -> BadRow {
        let Self { column, reason } = self;
        BadRow { file: file.name().to_owned(), line, column: column.map(str::to_owned), reason }
    }
}

/// Why an import can't be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The folder can't be listed.
    #[error("the folder {} can't be read: {source}", dir.display())]
    Folder { dir: PathBuf, source: io::Error },
    /// The folder holds none of the files.
    #[error(
        "there is nothing to import in {}: none of {} is there",
        dir.display(),
        RegisterFile::NAMES
    )]
    NoFiles { dir: PathBuf },
    /// The folder holds a CSV file of another name.
    #[error("{name} is no file of a register import; they are {}", RegisterFile::NAMES)]
    UnknownFile { name: String },
    /// The header row is missing or names other columns.
    #[error("{file}: the header row {reason}")]
    Header { file: &'static str, reason: String },
    /// A file can't be read.
    #[error("{file} can't be read: {source}")]
    Read { file: &'static str, source: io::Error },
    /// The register could not be asked which ids it knows.
    #[error("the register could not be asked for the ids it knows: {0}")]
    Lookup(#[source] LookupError),
}
