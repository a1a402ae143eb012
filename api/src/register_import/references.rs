//! References from contracts, roles, key loans and inspections to what the files or the register bring. The file's own ids answer at once; rows
//! that need the register wait, so that it is asked for many at a time.

use std::collections::HashSet;

use super::{ImportError, KnownIds, LookupError, columns::RegisterFile, error::RowFault, known::BATCH};

/// A reference of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference {
    pub(super) column: &'static str,
    /// The file whose rows are referred to.
    pub(super) to: RegisterFile,
    pub(super) id: i64,
}

/// A row some of whose references the files do not answer.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) line: u64,
    /// The row's own id where others may refer to it.
    pub(super) id: Option<i64>,
    pub(super) open: Vec<Reference>,
}

/// The rows that wait.
#[derive(Debug, Default)]
pub(super) struct Queue(Vec<Waiting>);

impl Queue {
    /// Adds a row; when it is time to ask, answers with the rows refused.
    pub(super) fn push(
        &mut self,
        row: Waiting,
        known: &mut dyn KnownIds,
    ) -> Result<Vec<(Waiting, RowFault)>, ImportError> {
        self.0.push(row);
        if self.0.len() < BATCH { Ok(Vec::new()) } else { self.settle(known) }
    }

    /// Asks the register about all rows that wait, and answers with those refused.
    pub(super) fn settle(&mut self, known: &mut dyn KnownIds) -> Result<Vec<(Waiting, RowFault)>, ImportError> {
        let rows = std::mem::take(&mut self.0);
        let ids = |to: RegisterFile| -> Vec<i64> {
            let open = rows.iter().flat_map(|row| &row.open);
            let ids: HashSet<i64> = open.filter(|reference| reference.to == to).map(|reference| reference.id).collect();
            ids.into_iter().collect()
        };
        let parties = ask(&ids(RegisterFile::Parties), |ids| known.parties(ids))?;
        let properties = ask(&ids(RegisterFile::Properties), |ids| known.properties(ids))?;
        let contracts = ask(&ids(RegisterFile::Contracts), |ids| known.contracts(ids))?;
        let is_known = |reference: &Reference| match reference.to {
            RegisterFile::Parties => parties.contains(&reference.id),
            RegisterFile::Properties => properties.contains(&reference.id),
            RegisterFile::Contracts => contracts.contains(&reference.id),
            RegisterFile::Roles | RegisterFile::KeyLoans | RegisterFile::MoveInInspections => false,
        };
        let refused = rows.into_iter().filter_map(|row| {
            let missing = *row.open.iter().find(|reference| !is_known(reference))?;
            Some((row, missing_fault(missing)))
        });
        Ok(refused.collect())
    }
}

fn ask(
    ids: &[i64],
    register: impl FnOnce(&[i64]) -> Result<HashSet<i64>, LookupError>,
) -> Result<HashSet<i64>, ImportError> {
    if ids.is_empty() { Ok(HashSet::new()) } else { register(ids).map_err(ImportError::Lookup) }
}

fn missing_fault(missing: Reference) -> RowFault {
    let Reference { column, to, id } = missing;
    let what = match to {
        RegisterFile::Parties => "party",
        RegisterFile::Properties => "property",
        RegisterFile::Contracts => "contract",
        RegisterFile::Roles => "role",
        RegisterFile::KeyLoans => "key loan",
        RegisterFile::MoveInInspections => "move-in inspection",
    };
    RowFault::of(column, format!("{what} {id} is neither a good row of {} nor in the register", to.name()))
}
