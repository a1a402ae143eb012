//! What the first pass found out.

use std::collections::HashSet;

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
    bad_lines: [HashSet<u64>; 4],
}

impl Validated {
    pub(super) fn bad_lines(&self, file: RegisterFile) -> &HashSet<u64> {
        let [parties, properties, contracts, roles] = &self.bad_lines;
        match file {
            RegisterFile::Parties => parties,
            RegisterFile::Properties => properties,
            RegisterFile::Contracts => contracts,
            RegisterFile::Roles => roles,
        }
    }

    /// Marks the row that begins on `line`. Only its first fault counts.
    pub(super) fn refuse(&mut self, file: RegisterFile, line: u64, fault: RowFault) {
        let [parties, properties, contracts, roles] = &mut self.bad_lines;
        let lines = match file {
            RegisterFile::Parties => parties,
            RegisterFile::Properties => properties,
            RegisterFile::Contracts => contracts,
            RegisterFile::Roles => roles,
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
        }
        let rank = |row: &BadRow| (RegisterFile::ALL.iter().position(|file| file.name() == row.file), row.line);
        self.bad_rows.sort_by_key(rank);
    }
}
