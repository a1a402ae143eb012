//! What the first pass found out.

use std::collections::HashSet;

use domain::attribute::Attributes;
use sha2::{Digest as _, Sha256};

use super::{BadRow, columns::RegisterFile, error::RowFault};

/// So many bad rows are kept with their reasons; all are counted.
pub const KEPT_BAD_ROWS: usize = 1000;

/// The rows of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// Rows that can be imported.
    pub good: u64,
    /// Rows that can't.
    pub bad: u64,
}

/// The outcome of [`super::validate()`]; with it the good rows can be read.
#[derive(Debug, Default)]
pub struct Validated {
    /// The first [`KEPT_BAD_ROWS`] bad rows found, by file and line.
    pub bad_rows: Vec<BadRow>,
    /// All bad rows, kept or not.
    pub bad_rows_total: u64,
    pub parties: FileCounts,
    pub properties: FileCounts,
    pub contracts: FileCounts,
    pub roles: FileCounts,
    pub key_loans: FileCounts,
    pub move_in_inspections: FileCounts,
    /// The declared attributes that the rows were checked against.
    pub attributes: Attributes,
    /// What the files bring, for whoever asks what they lack.
    pub(crate) present: Present,
    bad_lines: [HashSet<u64>; 6],
}

/// The ids in the files.
#[derive(Debug, Default)]
pub(crate) struct Present {
    pub(crate) parties: HashSet<i64>,
    pub(crate) contracts: HashSet<i64>,
    /// Digests of the keys, see [`key_digest`].
    pub(crate) roles: HashSet<[u8; 16]>,
    /// Likewise.
    pub(crate) key_loans: HashSet<[u8; 16]>,
    /// Likewise.
    pub(crate) move_in_inspections: HashSet<[u8; 16]>,
}

/// The key of a row without an integer id, short enough for a million of them.
pub(crate) fn key_digest(key: &str) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let (half, _) = hash.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
    *half
}

impl Validated {
    /// Nothing found yet, of rows that are checked against these.
    pub(super) fn against(attributes: Attributes) -> Self {
        Self { attributes, ..Self::default() }
    }

    pub(super) fn bad_lines(&self, file: RegisterFile) -> &HashSet<u64> {
        let [parties, properties, contracts, roles, key_loans, move_in_inspections] = &self.bad_lines;
        match file {
            RegisterFile::Parties => parties,
            RegisterFile::Properties => properties,
            RegisterFile::Contracts => contracts,
            RegisterFile::Roles => roles,
            RegisterFile::KeyLoans => key_loans,
            RegisterFile::MoveInInspections => move_in_inspections,
        }
    }

    /// What was found in one file.
    pub(super) fn counts(&self, file: RegisterFile) -> FileCounts {
        match file {
            RegisterFile::Parties => self.parties,
            RegisterFile::Properties => self.properties,
            RegisterFile::Contracts => self.contracts,
            RegisterFile::Roles => self.roles,
            RegisterFile::KeyLoans => self.key_loans,
            RegisterFile::MoveInInspections => self.move_in_inspections,
        }
    }

    /// Marks the row that begins on `line`. Only its first fault counts.
    pub(super) fn refuse(&mut self, file: RegisterFile, line: u64, fault: RowFault) {
        let [parties, properties, contracts, roles, key_loans, move_in_inspections] = &mut self.bad_lines;
        let lines = match file {
            RegisterFile::Parties => parties,
            RegisterFile::Properties => properties,
            RegisterFile::Contracts => contracts,
            RegisterFile::Roles => roles,
            RegisterFile::KeyLoans => key_loans,
            RegisterFile::MoveInInspections => move_in_inspections,
        };
        if !lines.insert(line) {
            return;
        }
        self.bad_rows_total += 1;
        if self.bad_rows.len() < KEPT_BAD_ROWS {
            self.bad_rows.push(fault.at(file, line));
        }
    }

    /// Writes down how many of a file's `rows` are good, and puts the kept bad ones in order.
    pub(super) fn finish_file(&mut self, file: RegisterFile, rows: u64) {
        let bad = u64::try_from(self.bad_lines(file).len()).unwrap_or(u64::MAX);
        let counts = FileCounts { good: rows.saturating_sub(bad), bad };
        match file {
            RegisterFile::Parties => self.parties = counts,
            RegisterFile::Properties => self.properties = counts,
            RegisterFile::Contracts => self.contracts = counts,
            RegisterFile::Roles => self.roles = counts,
            RegisterFile::KeyLoans => self.key_loans = counts,
            RegisterFile::MoveInInspections => self.move_in_inspections = counts,
        }
        let rank = |row: &BadRow| (RegisterFile::ALL.iter().position(|file| file.name() == row.file), row.line);
        self.bad_rows.sort_by_key(rank);
    }
}
