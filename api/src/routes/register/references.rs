//! What a row refers to must be there.

use std::collections::HashSet;

use domain::invalid::FieldError;
use domain::register::tree::circles;
use domain::register::{Contract, PartyId, Property, PropertyId, Role};
use persistence::{Reader, Writer, register};

use crate::problem::Problem;

/// Refuses a property whose parent is not there or below itself.
pub(super) fn check_property(writer: &mut Writer<'_>, property: &Property) -> Result<(), Problem> {
    let Some(parent_id) = property.parent_id else { return Ok(()) };
    let known = register::known_properties(writer, &[parent_id])?;
    unless("parent_id", "property", parent_id, &known)?;
    let mut parents = register::way_up(writer, &[parent_id])?;
    parents.insert(property.property_id, parent_id);
    let circles = circles([property.property_id], |id| parents.get(&id).copied());
    if circles.iter().any(|circle| circle.contains(&property.property_id)) {
        let message = format!("Property {} would be above itself.", property.property_id);
        return Err(FieldError::new("/parent_id", "circular", message).into());
    }
    Ok(())
}

/// Refuses a contract of a party or about a property that is not there.
pub(super) fn check_contract(reader: &mut Reader<'_>, contract: &Contract) -> Result<(), Problem> {
    let parties = register::known_parties(reader, &[contract.party_id])?;
    unless("party_id", "party", contract.party_id, &parties)?;
    let properties = register::known_properties(reader, &[contract.property_id])?;
    unless("property_id", "property", contract.property_id, &properties)
}

/// Refuses a key loan or an inspection of a party or about a property that is not there.
pub(super) fn check_due_item(
    reader: &mut Reader<'_>,
    party_id: PartyId,
    property_id: Option<PropertyId>,
) -> Result<(), Problem> {
    let parties = register::known_parties(reader, &[party_id])?;
    unless("party_id", "party", party_id, &parties)?;
    let Some(property_id) = property_id else { return Ok(()) };
    let properties = register::known_properties(reader, &[property_id])?;
    unless("property_id", "property", property_id, &properties)
}

/// Refuses a role whose party, property or contract is not there.
pub(super) fn check_role(reader: &mut Reader<'_>, role: &Role) -> Result<(), Problem> {
    let parties = register::known_parties(reader, &[role.party_id])?;
    unless("party_id", "party", role.party_id, &parties)?;
    let properties = register::known_properties(reader, &[role.property_id])?;
    unless("property_id", "property", role.property_id, &properties)?;
    let Some(contract_id) = role.contract_id else { return Ok(()) };
    let contracts = register::known_contracts(reader, &[contract_id])?;
    unless("contract_id", "contract", contract_id, &contracts)
}

fn unless(field: &str, what: &str, id: i64, known: &HashSet<i64>) -> Result<(), Problem> {
    if known.contains(&id) {
        return Ok(());
    }
    let message = format!("There is no {what} {id} in the register; put it there first.");
    Err(FieldError::new(format!("/{field}"), "unknown_reference", message).into())
}
