//! Why an import changed nothing.

use std::fmt;
use std::io;

use persistence::{DoorError, StoreError};
use thiserror::Error;

use super::ImportMode;
use crate::register_import::{BadRow, ImportError};

/// Why an import changed nothing.
#[derive(Debug, Error)]
pub enum ImportFailure {
    #[error(transparent)]
    Store(StoreError),
    #[error(transparent)]
    Files(#[from] ImportError),
    #[error("{0} (this row was good a moment ago: the file was changed while it was imported)")]
    Changed(BadRow),
    #[error("{}", bad_rows(*bad, *mode))]
    BadRows { bad: u64, mode: ImportMode },
    #[error("{0}")]
    MassEnd(MassEnd),
    #[error("what waits to be written cannot be kept: {0}")]
    Scratch(#[from] io::Error),
    #[error("attributes were declared or changed while the files were being checked: repeat the import")]
    AttributesChanged,
    #[error(
        "the register was changed while the files were being checked, so that they do not fit it any more: repeat the import"
    )]
    RegisterChanged,
    #[error("another process has ended this import meanwhile")]
    EndedElsewhere,
    #[error("the import was stopped; nothing was changed: repeat it")]
    Cancelled,
}

impl ImportFailure {
    /// The stable code of the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadRows { .. } => "bad_rows",
            Self::MassEnd(_) => "mass_end",
            Self::Files(_) | Self::Changed(_) => "unreadable_files",
            Self::AttributesChanged => "attributes_changed",
            Self::RegisterChanged => "register_changed",
            Self::Cancelled | Self::EndedElsewhere => "interrupted",
            Self::Store(StoreError::Contended | StoreError::Busy | StoreError::Unreachable(_)) => "unavailable",
            Self::Store(_) | Self::Scratch(_) => "internal",
        }
    }
}

impl From<StoreError> for ImportFailure {
    /// Work that is as long as an import's is not repeated because of what somebody has removed: the files have to be checked anew.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Dangling => Self::RegisterChanged,
            error => Self::Store(error),
        }
    }
}

impl DoorError for ImportFailure {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// How many rows of each kind a full import would end, where that is too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MassEnd(pub Vec<MassEndOf>);

/// The rows of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MassEndOf {
    pub kind: &'static str,
    pub absent: u64,
    pub existing: u64,
}

impl fmt::Display for MassEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the files lack more than 10 % of what the register has: ")?;
        for (number, MassEndOf { kind, absent, existing }) in self.0.iter().enumerate() {
            let separator = if number > 0 { ", " } else { "" };
            write!(f, "{separator}{absent} of {existing} {kind}")?;
        }
        f.write_str("; if that is meant, repeat the import with allow_mass_end")
    }
}

fn bad_rows(bad: u64, mode: ImportMode) -> String {
    let rows = if bad == 1 { "1 bad row".to_owned() } else { format!("{bad} bad rows") };
    match mode {
        ImportMode::Delta => format!("{rows}; correct them, or keep the good ones with skip_bad_rows"),
        ImportMode::Full => format!("{rows}; correct them: in a full import they would count as gone"),
    }
}
