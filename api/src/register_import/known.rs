//! What an import asks of the register that is there already.

use std::{
    collections::{HashMap, HashSet},
    error::Error,
};

use domain::attribute::Attributes;
use domain::register::{ContractId, PartyId, PropertyId};

/// Why the register could not answer.
pub type LookupError = Box<dyn Error + Send + Sync>;

/// So many ids are asked for at once.
pub(super) const BATCH: usize = 2000;

/// Answers which ids the register holds, archived and ended ones included. Asked for at most 2000
/// distinct ids at once, and only for ids that the files themselves do not bring.
pub trait KnownIds {
    /// Those of `ids` that are parties of the register.
    fn parties(&mut self, ids: &[PartyId]) -> Result<HashSet<PartyId>, LookupError>;

    /// Those of `ids` that are properties of the register.
    fn properties(&mut self, ids: &[PropertyId]) -> Result<HashSet<PropertyId>, LookupError>;

    /// The parents of those of `ids` that are properties with a parent: property to parent. Without this, an import that
    /// hangs a stored company below its own unit would close a circle that neither side has alone.
    fn property_parents(&mut self, ids: &[PropertyId]) -> Result<HashMap<PropertyId, PropertyId>, LookupError>;

    /// The declared attributes.
    fn attributes(&mut self) -> Result<Attributes, LookupError>;

    /// Those of `ids` that are contracts of the register.
    fn contracts(&mut self, ids: &[ContractId]) -> Result<HashSet<ContractId>, LookupError>;
}
