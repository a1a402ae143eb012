//! One person with all that conditions look at.

use chrono::NaiveDate;
use domain::recipient_query::Person;
use domain::register::PartyId;

use super::service_language::of_party;
use crate::contracts::{self, ContractFilter};
use crate::door::Reader;
use crate::error::StoreResult;
use crate::roles::{self, RoleFilter};
use crate::{parties, properties};

/// So many roles and contracts of one person are looked at.
const MOST: i64 = 1_000;

/// The person; `None` when there is no such party. `see_protected`: whether the caller may see where protected parties live.
///
/// # Errors
/// A failure of the database.
pub fn person(
    reader: &mut Reader<'_>,
    party_id: PartyId,
    today: NaiveDate,
    default_language: &str,
    see_protected: bool,
) -> StoreResult<Option<Person>> {
    let Some(stored) = parties::find(reader, party_id)? else { return Ok(None) };
    let language = of_party(reader, party_id, today, default_language)?;
    let of_roles = RoleFilter { party_id: Some(party_id), see_protected, ..RoleFilter::default() };
    let roles: Vec<_> = roles::list(reader, &of_roles, None, MOST)?.into_iter().map(|stored| stored.role).collect();
    let property_ids: Vec<i64> = roles.iter().map(|role| role.property_id).collect();
    let properties = properties::by_ids(reader, &property_ids)?;
    let of_contracts = ContractFilter { party_id: Some(party_id), see_protected, ..ContractFilter::default() };
    let contracts = contracts::list(reader, &of_contracts, None, MOST)?;
    Ok(Some(Person {
        hidden: stored.party.address_protected && !see_protected,
        party: stored.party,
        service_language: language.map_or_else(|| default_language.to_owned(), |language| language.language),
        roles,
        properties: properties.into_iter().map(|(id, stored)| (id, stored.property)).collect(),
        contracts: contracts.into_iter().map(|stored| stored.contract).collect(),
    }))
}
