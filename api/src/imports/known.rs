//! What the import asks of the register that is there already.

use std::collections::{HashMap, HashSet};

use domain::attribute::Attributes;
use domain::register::{ContractId, PartyId, PropertyId};
use persistence::{Db, Reader, StoreResult, attributes, register};

use crate::register_import::{KnownIds, LookupError};

/// The register in the database. Each question is one read of its own, so that checking a large import holds no
/// connection and no transaction.
pub(super) struct StoredIds<'a>(pub(super) &'a Db);

impl StoredIds<'_> {
    fn ask<T: Send + 'static>(
        &self,
        ids: &[i64],
        question: fn(&mut Reader<'_>, &[i64]) -> StoreResult<T>,
    ) -> Result<T, LookupError> {
        let ids = ids.to_vec();
        Ok(self.0.read_blocking(move |reader| question(reader, &ids))?)
    }
}

impl KnownIds for StoredIds<'_> {
    fn parties(&mut self, ids: &[PartyId]) -> Result<HashSet<PartyId>, LookupError> {
        self.ask(ids, register::known_parties)
    }

    fn properties(&mut self, ids: &[PropertyId]) -> Result<HashSet<PropertyId>, LookupError> {
        self.ask(ids, register::known_properties)
    }

    fn property_parents(&mut self, ids: &[PropertyId]) -> Result<HashMap<PropertyId, PropertyId>, LookupError> {
        self.ask(ids, register::property_parents)
    }

    fn attributes(&mut self) -> Result<Attributes, LookupError> {
        Ok(self.0.read_blocking(attributes::declared)?)
    }

    fn contracts(&mut self, ids: &[ContractId]) -> Result<HashSet<ContractId>, LookupError> {
        self.ask(ids, register::known_contracts)
    }
}
