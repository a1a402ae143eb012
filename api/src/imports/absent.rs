//! What a full import ends: the rows of the register that the files do not have.

use std::collections::HashSet;

use domain::due::{KeyLoan, MoveInInspection};
use persistence::absent::{
    Ended, archive_parties, close_items, contracts_in_force, end_contracts, end_roles, parties_in_use, roles_in_force,
};
use persistence::due_items::{self, DueItem};
use persistence::{Db, Writer};

use super::failure::{MassEnd, MassEndOf};
use super::{ImportFailure, ImportOptions};
use crate::register_import::columns::RegisterFile;
use crate::register_import::{Present, RegisterFiles, key_digest};

/// So many rows are asked for at a time.
const PAGE: i64 = 5000;

/// The rows that are gone. A kind whose file is not there has none.
#[derive(Debug, Clone, Default)]
pub(super) struct Absent {
    parties: Vec<i64>,
    contracts: Vec<i64>,
    roles: Vec<String>,
    key_loans: Vec<String>,
    move_in_inspections: Vec<String>,
}

/// How many rows were ended.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct EndedRows {
    pub(super) parties: u64,
    pub(super) contracts: u64,
    pub(super) roles: u64,
    pub(super) key_loans: u64,
    pub(super) move_in_inspections: u64,
    pub(super) conflicts: u64,
}

/// Finds what is gone, without a lock.
///
/// # Errors
/// [`ImportFailure::MassEnd`] when it is more than a tenth of what there is of a kind, and that was not allowed.
pub(super) fn find(
    db: &Db,
    files: &RegisterFiles,
    present: Present,
    options: &ImportOptions,
) -> Result<Absent, ImportFailure> {
    let today = options.today;
    let (mut absent, mut too_many) = (Absent::default(), Vec::new());
    let mut judge = |kind, absent: usize, existing: u64| {
        let absent = u64::try_from(absent).unwrap_or(u64::MAX);
        if absent.saturating_mul(10) > existing {
            too_many.push(MassEndOf { kind, absent, existing });
        }
    };
    if files.has(RegisterFile::Parties) {
        let mut existing = 0;
        let mut after = Some(0);
        while let Some(last) = after {
            let page = db.read_blocking(move |reader| parties_in_use(reader, last, PAGE))?;
            existing += u64::try_from(page.len()).unwrap_or(u64::MAX);
            after = page.last().copied();
            absent.parties.extend(page.into_iter().filter(|id| !present.parties.contains(id)));
        }
        judge("parties", absent.parties.len(), existing);
    }
    if files.has(RegisterFile::Contracts) {
        let mut existing = 0;
        let mut after = Some(0);
        while let Some(last) = after {
            let page = db.read_blocking(move |reader| contracts_in_force(reader, today, last, PAGE))?;
            existing += u64::try_from(page.len()).unwrap_or(u64::MAX);
            after = page.last().copied();
            absent.contracts.extend(page.into_iter().filter(|id| !present.contracts.contains(id)));
        }
        judge("contracts", absent.contracts.len(), existing);
    }
    if files.has(RegisterFile::Roles) {
        let mut existing = 0;
        let mut after = Some(String::new());
        while let Some(last) = after {
            let page = db.read_blocking(move |reader| roles_in_force(reader, today, &last, PAGE))?;
            existing += u64::try_from(page.len()).unwrap_or(u64::MAX);
            after = page.last().cloned();
            absent.roles.extend(page.into_iter().filter(|key| !present.roles.contains(&key_digest(key))));
        }
        judge("roles", absent.roles.len(), existing);
    }
    if files.has(RegisterFile::KeyLoans) {
        let (gone, existing) = open_items::<KeyLoan>(db, &present.key_loans)?;
        judge("key loans", gone.len(), existing);
        absent.key_loans = gone;
    }
    if files.has(RegisterFile::MoveInInspections) {
        let (gone, existing) = open_items::<MoveInInspection>(db, &present.move_in_inspections)?;
        judge("move-in inspections", gone.len(), existing);
        absent.move_in_inspections = gone;
    }
    if too_many.is_empty() || options.allow_mass_end {
        Ok(absent)
    } else {
        Err(ImportFailure::MassEnd(MassEnd(too_many)))
    }
}

/// The ERP's open rows of a kind that the files lack, and how many are open.
fn open_items<T: DueItem>(db: &Db, present: &HashSet<[u8; 16]>) -> Result<(Vec<String>, u64), ImportFailure> {
    let (mut gone, mut existing) = (Vec::new(), 0);
    let mut after = Some(String::new());
    while let Some(last) = after {
        let page = db.read_blocking(move |reader| due_items::open_of_erp::<T>(reader, &last, PAGE))?;
        existing += u64::try_from(page.len()).unwrap_or(u64::MAX);
        after = page.last().cloned();
        gone.extend(page.into_iter().filter(|key| !present.contains(&key_digest(key))));
    }
    Ok((gone, existing))
}

impl Absent {
    /// Closes loans and inspections, ends roles and contracts, and archives parties; what refers goes before what is referred to.
    pub(super) fn end(&self, writer: &mut Writer<'_>, options: &ImportOptions) -> Result<EndedRows, ImportFailure> {
        let ImportOptions { today, origin, .. } = options;
        let key_loans = close_items::<KeyLoan>(writer, &self.key_loans, origin)?;
        let inspections = close_items::<MoveInInspection>(writer, &self.move_in_inspections, origin)?;
        let roles: Ended = end_roles(writer, &self.roles, *today, origin)?;
        let contracts = end_contracts(writer, &self.contracts, *today, origin)?;
        let parties = archive_parties(writer, &self.parties, origin)?;
        let all = [roles, contracts, parties, key_loans, inspections];
        Ok(EndedRows {
            parties: parties.rows,
            contracts: contracts.rows,
            roles: roles.rows,
            key_loans: key_loans.rows,
            move_in_inspections: inspections.rows,
            conflicts: all.iter().map(|ended| ended.conflicts).sum(),
        })
    }
}
