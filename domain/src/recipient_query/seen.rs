//! What a condition saw in one person: the values that it compared.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use serde_json::Value;

use super::check::ATTRIBUTES;
use super::fields::{ContractField, PartyField, PropertyField};
use super::input::RecipientFilter;
use super::{Known, dates};
use crate::attribute::{AttributeRegister, Attributes};
use crate::register::{Contract, Party, Property, PropertyId, Role, valid_on};

/// The most values that are told of one condition.
pub const MAX_SEEN: usize = 20;

/// A person with all that conditions look at.
#[derive(Debug, Clone)]
pub struct Person {
    pub party: Party,
    pub service_language: String,
    pub roles: Vec<Role>,
    /// Those of the roles.
    pub properties: HashMap<PropertyId, Property>,
    pub contracts: Vec<Contract>,
    /// Whether where the person lives, and how to call it, may not be told.
    pub hidden: bool,
}

impl Person {
    /// The values that a node of a checked filter compares, by itself, each once and sorted, at most [`MAX_SEEN`]. `None` for
    /// a node that compares no field, and for values that may not be told.
    pub fn seen_by(&self, node: &RecipientFilter, known: &Known) -> Option<Vec<String>> {
        let values: BTreeSet<String> = if let Some(role) = &node.role {
            let on = role.on.as_deref().and_then(|on| dates::read(on, known.today)).unwrap_or(known.today);
            self.roles_on(on).map(|role| role.role.clone()).collect()
        } else if let Some(test) = &node.party {
            self.party_value(&test.field, &known.attributes)?.into_iter().collect()
        } else if let Some(test) = &node.property {
            if self.hidden {
                return None;
            }
            let held = self.roles_on(known.today).filter_map(|role| self.properties.get(&role.property_id));
            held.filter_map(|property| property_value(property, &test.field, &known.attributes)).collect()
        } else if let Some(test) = &node.contract {
            let field = ContractField::parse(&test.field)?;
            if self.hidden && field == ContractField::PropertyId {
                return None;
            }
            let meant = |contract: &&Contract| {
                field.is_validity() || valid_on(known.today, contract.valid_from, contract.valid_to)
            };
            self.contracts.iter().filter(meant).filter_map(|contract| contract_value(contract, field)).collect()
        } else {
            return None;
        };
        Some(values.into_iter().take(MAX_SEEN).collect())
    }

    fn roles_on(&self, day: NaiveDate) -> impl Iterator<Item = &Role> {
        self.roles.iter().filter(move |role| valid_on(day, role.valid_from, role.valid_to))
    }

    /// The value, if there is one; `None` when it may not be told.
    fn party_value(&self, name: &str, attributes: &Attributes) -> Option<Option<String>> {
        let party = &self.party;
        let Some(field) = PartyField::parse(name) else {
            let value = attribute_value(AttributeRegister::Party, &party.attributes, name, attributes);
            return (!self.hidden).then_some(value);
        };
        if self.hidden && field.is_protected() {
            return None;
        }
        Some(match field {
            PartyField::PartyId => Some(party.party_id.to_string()),
            PartyField::Kind => Some(party.kind.as_str().to_owned()),
            PartyField::Name => Some(party.name.clone()),
            PartyField::FirstName => party.first_name.clone(),
            PartyField::LastName => party.last_name.clone(),
            PartyField::BusinessId => party.business_id.clone(),
            PartyField::ServiceLanguage => Some(self.service_language.clone()),
            PartyField::Email => party.email.clone(),
            PartyField::EmailMarketing => Some(party.email_marketing.to_string()),
            PartyField::Phone => party.phone.clone(),
            PartyField::PhoneMarketing => Some(party.phone_marketing.to_string()),
            PartyField::Street => party.street.clone(),
            PartyField::PostalCode => party.postal_code.clone(),
            PartyField::City => party.city.clone(),
            PartyField::Country => party.country.clone(),
        })
    }
}

fn property_value(property: &Property, name: &str, attributes: &Attributes) -> Option<String> {
    let Some(field) = PropertyField::parse(name) else {
        return attribute_value(AttributeRegister::Property, &property.attributes, name, attributes);
    };
    match field {
        PropertyField::PropertyId => Some(property.property_id.to_string()),
        PropertyField::ParentId => property.parent_id.map(|id| id.to_string()),
        PropertyField::Kind => Some(property.kind.clone()),
        PropertyField::Code => property.code.clone(),
        PropertyField::Name => Some(property.name.clone()),
        PropertyField::Street => property.street.clone(),
        PropertyField::PostalCode => property.postal_code.clone(),
        PropertyField::City => property.city.clone(),
        PropertyField::Country => property.country.clone(),
    }
}

fn contract_value(contract: &Contract, field: ContractField) -> Option<String> {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    match field {
        ContractField::ContractId => Some(contract.contract_id.to_string()),
        ContractField::PropertyId => Some(contract.property_id.to_string()),
        ContractField::Kind => Some(contract.kind.clone()),
        ContractField::Language => contract.language.clone(),
        ContractField::ValidFrom => day(contract.valid_from),
        ContractField::ValidTo => day(contract.valid_to),
        ContractField::PointsEnrolled => Some(contract.points_enrolled.to_string()),
        ContractField::PointsEnrolledOn => day(contract.points_enrolled_on),
    }
}

fn attribute_value(
    register: AttributeRegister,
    values: &serde_json::Map<String, Value>,
    name: &str,
    attributes: &Attributes,
) -> Option<String> {
    let declared = attributes.find(register, name.strip_prefix(ATTRIBUTES)?)?;
    match values.get(&declared.name)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
