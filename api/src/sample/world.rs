//! What the generator carries along: its dice, its names, the files, and the few parties that recur.

use std::{io, path::Path};

use chrono::NaiveDate;
use domain::register::{ContractId, PartyId, PropertyId, Role};
use uuid::Uuid;

use super::{SampleSummary, dice::Dice, files::SampleFiles, names::Names};

/// A validity, both ends included.
pub(super) type Validity = (Option<NaiveDate>, Option<NaiveDate>);

pub(super) struct World {
    pub(super) dice: Dice,
    pub(super) names: Names,
    pub(super) files: SampleFiles,
    /// Households so far; decides what the next one is like, so that every kind turns up in a small register.
    pub(super) households: u64,
    /// Firms so far; makes their business ids distinct.
    pub(super) firms: u64,
    /// The firms that serve the housing companies just now.
    pub(super) maintenance: Option<PartyId>,
    pub(super) manager: Option<PartyId>,
    /// Someone who owns the home they live in, and may own another one.
    pub(super) earlier_owner: Option<PartyId>,
    wanted: u64,
}

impl World {
    pub(super) fn new(wanted: u64, seed: u64, dir: &Path) -> io::Result<Self> {
        Ok(Self {
            dice: Dice::new(seed),
            names: Names::load(),
            files: SampleFiles::create(dir)?,
            households: 0,
            firms: 0,
            maintenance: None,
            manager: None,
            earlier_owner: None,
            wanted,
        })
    }

    /// Whether another party is wanted.
    pub(super) fn has_room(&self) -> bool {
        self.files.written.parties < self.wanted
    }

    /// The number of the next party, from 1.
    pub(super) fn next_party_number(&self) -> u64 {
        self.files.written.parties + 1
    }

    pub(super) fn next_party_id(&self) -> PartyId {
        id(100_000, self.files.written.parties)
    }

    pub(super) fn next_property_id(&self) -> PropertyId {
        id(1_000, self.files.written.properties)
    }

    pub(super) fn next_contract_id(&self) -> ContractId {
        id(500_000, self.files.written.contracts)
    }

    /// Writes a role assignment. Two in three have an id of the ERP.
    pub(super) fn assign(
        &mut self,
        party_id: PartyId,
        role: &str,
        property_id: PropertyId,
        (valid_from, valid_to): Validity,
        contract_id: Option<ContractId>,
    ) -> io::Result<()> {
        let number = self.files.written.roles + 1;
        let erp_role_id = if number.is_multiple_of(3) { None } else { Some(format!("R{number:07}")) };
        let (role_id, role) = (Uuid::nil(), role.to_owned());
        let role = Role { role_id, erp_role_id, party_id, property_id, role, valid_from, valid_to, contract_id };
        self.files.role(role)
    }

    /// A day of one of the years from `first` to `last`.
    pub(super) fn day(&mut self, first: u64, last: u64) -> Option<NaiveDate> {
        let year = i32::try_from(self.dice.between(first, last)).ok()?;
        let month = u32::try_from(self.dice.between(1, 12)).ok()?;
        let day = u32::try_from(self.dice.between(1, 28)).ok()?;
        // Most things begin with a month.
        let day = if self.dice.chance(70) { 1 } else { day };
        NaiveDate::from_ymd_opt(year, month, day)
    }

    pub(super) fn finish(self) -> io::Result<SampleSummary> {
        self.files.finish()
    }
}

fn id(base: i64, written: u64) -> i64 {
    base.saturating_add(i64::try_from(written).unwrap_or(i64::MAX)).saturating_add(1)
}
