//! A random filter.

use domain::recipient_query::{FieldTest, PropertyTest, RecipientFilter, RoleTest};

use super::dice::Dice;
use super::values::{
    ATTRIBUTE_NUMBERS, ATTRIBUTE_TEXTS, BUSINESS_IDS, CITIES, CODES, EMAILS, FIRST_NAMES, LAST_NAMES, NAMES,
    PARTY_ATTRIBUTES, PHONE_PARTS, PHONES, POSTAL_CODES, PROPERTY_ATTRIBUTES, PROPERTY_NAMES, ROLES, STREETS, WORDS,
};
use crate::support::Register;

/// A filter of up to four levels.
pub fn filter(dice: &mut Dice, register: &Register) -> RecipientFilter {
    if dice.chance(25) {
        // What people ask for most: a role in some properties, and something about the party.
        let mut children = vec![a_role_node(dice), a_property_node(dice, register), node(dice, register, 2)];
        if dice.chance(30) {
            children.push(a_contract_node(dice, register));
        }
        return all(dice, children);
    }
    node(dice, register, 4)
}

/// A node that names a list or a query, if there is any.
fn a_saved_node(dice: &mut Dice, register: &Register) -> Option<RecipientFilter> {
    let (lists, queries) = (register.lists.len(), register.queries.len());
    if lists + queries == 0 {
        return None;
    }
    let chosen = dice.below(lists + queries);
    Some(match register.lists.get(chosen) {
        Some(list) => RecipientFilter { list_id: Some(list.0), ..Default::default() },
        None => RecipientFilter { query_id: Some(register.queries[chosen - lists].0), ..Default::default() },
    })
}

fn node(dice: &mut Dice, register: &Register, levels: usize) -> RecipientFilter {
    let children = |dice: &mut Dice| {
        let count = 1 + dice.below(4);
        (0..count).map(|_| node(dice, register, levels - 1)).collect::<Vec<_>>()
    };
    if dice.chance(20)
        && let Some(node) = a_saved_node(dice, register)
    {
        return node;
    }
    match dice.below(if levels > 1 { 19 } else { 12 }) {
        10 | 11 => a_contract_node(dice, register),
        0 | 1 => a_role_node(dice),
        2 | 3 => a_property_node(dice, register),
        4..=6 => a_party_node(dice, register),
        7 | 8 => {
            let count = if dice.chance(60) { 1 } else { 2 };
            let words: Vec<&str> = (0..count).map(|_| dice.pick(&WORDS)).collect();
            RecipientFilter { text: Some(words.join([" ", ", ", "-"][dice.below(3)])), ..Default::default() }
        }
        9 => {
            let parties = &register.parties;
            let count = 1 + dice.below(5);
            let ids = (0..count).map(|_| parties[dice.below(parties.len())].party_id).collect();
            RecipientFilter { party_ids: Some(ids), ..Default::default() }
        }
        12..=14 => {
            let children = children(dice);
            all(dice, children)
        }
        15 | 16 => RecipientFilter { any: Some(children(dice)), ..Default::default() },
        _ => RecipientFilter { not: Some(Box::new(node(dice, register, levels - 1))), ..Default::default() },
    }
}

/// An `all` of these, but for the roles after the first, which it may not have.
fn all(dice: &mut Dice, mut children: Vec<RecipientFilter>) -> RecipientFilter {
    let mut roles = 0;
    children.retain(|child| {
        roles += usize::from(child.role.is_some());
        child.role.is_none() || roles == 1
    });
    let start = dice.below(children.len());
    children.rotate_left(start);
    RecipientFilter { all: Some(children), ..Default::default() }
}

fn a_role_node(dice: &mut Dice) -> RecipientFilter {
    let count = 1 + dice.below(2);
    let codes = (0..count).map(|_| dice.pick(&ROLES).to_owned()).collect();
    let days = ["today", "today-1d", "today+1d", "today-30d", "today+60d", "2026-06-15", "2026-05-06", "2030-01-01"];
    let on = dice.chance(50).then(|| dice.pick(&days).to_owned());
    RecipientFilter { role: Some(RoleTest { codes, on }), ..Default::default() }
}

const OF_TEXT: [&str; 10] = ["eq", "ne", "in", "lt", "lte", "gt", "gte", "contains", "starts_with", "exists"];
const OF_CODE: [&str; 4] = ["eq", "ne", "in", "exists"];
const OF_INTEGER: [&str; 8] = ["eq", "ne", "in", "lt", "lte", "gt", "gte", "exists"];
const OF_BOOL: [&str; 3] = ["eq", "ne", "exists"];

/// One of the customer's own fields, with its operators and values.
fn an_attribute(
    dice: &mut Dice,
    declared: [(&str, &str); 4],
) -> (String, &'static [&'static str], &'static [&'static str]) {
    let (name, type_word) = declared[dice.below(declared.len())];
    let (operators, values): (&[&str], &[&str]) = match type_word {
        "string" => (&OF_TEXT, &ATTRIBUTE_TEXTS),
        "number" => (&OF_INTEGER, &ATTRIBUTE_NUMBERS),
        "bool" => (&OF_BOOL, &["true", "false"]),
        _ => (&OF_INTEGER, &["1962-05-01", "2025-12-31", "today", "today+1d"]),
    };
    (format!("attributes.{name}"), operators, values)
}

fn a_contract_node(dice: &mut Dice, register: &Register) -> RecipientFilter {
    let some = |ids: Vec<i64>| ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>();
    let mut ids = some(register.contracts.iter().map(|contract| contract.contract_id).collect());
    ids.push("1".to_owned());
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let properties = some(register.properties.iter().map(|property| property.property_id).collect());
    let properties: Vec<&str> = properties.iter().map(String::as_str).collect();
    let days = ["today", "today-1d", "today+1d", "today-40d", "2026-06-14", "2030-01-01"];
    let fields: [(&str, &[&str], &[&str]); 8] = [
        ("contract_id", &OF_INTEGER, &ids),
        ("property_id", &OF_INTEGER, &properties),
        ("kind", &OF_CODE, &["tenancy", "Parking", "storage"]),
        ("language", &OF_CODE, &["fi", "sv", "sv-fi", "EN"]),
        ("valid_from", &OF_INTEGER, &days),
        ("valid_to", &OF_INTEGER, &days),
        ("points_enrolled", &OF_BOOL, &["true", "false"]),
        ("points_enrolled_on", &OF_INTEGER, &days),
    ];
    let (field, operators, values) = fields[dice.below(fields.len())];
    let (op, value, values) = a_test(dice, operators, values, false);
    RecipientFilter { contract: Some(FieldTest { field: field.to_owned(), op, value, values }), ..Default::default() }
}

fn a_party_node(dice: &mut Dice, register: &Register) -> RecipientFilter {
    let ids: Vec<String> = register.parties.iter().map(|party| party.party_id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let emails = EMAILS.map(|email| email.0);
    let phones = PHONES.map(|phone| phone.0);
    let fields: [(&str, &[&str], &[&str]); 15] = [
        ("party_id", &OF_INTEGER, &ids),
        ("kind", &OF_CODE, &["person", "company", "Person"]),
        ("name", &OF_TEXT, &NAMES),
        ("first_name", &OF_TEXT, &FIRST_NAMES),
        ("last_name", &OF_TEXT, &LAST_NAMES),
        ("business_id", &OF_TEXT, &BUSINESS_IDS),
        ("service_language", &OF_CODE, &["fi", "sv", "sv-fi", "EN", "ru"]),
        ("email", &OF_TEXT, &emails),
        ("email_marketing", &OF_BOOL, &["true", "false"]),
        ("phone", &OF_CODE, &phones),
        ("phone_marketing", &OF_BOOL, &["true", "false"]),
        ("street", &OF_TEXT, &STREETS),
        ("postal_code", &OF_TEXT, &POSTAL_CODES),
        ("city", &OF_TEXT, &CITIES),
        ("country", &OF_CODE, &["FI", "se", "NO"]),
    ];
    if dice.chance(25) {
        let (field, operators, values) = an_attribute(dice, PARTY_ATTRIBUTES);
        let (op, value, values) = a_test(dice, operators, values, false);
        return RecipientFilter { party: Some(FieldTest { field, op, value, values }), ..Default::default() };
    }
    let (field, operators, values) = fields[dice.below(fields.len())];
    let (op, value, values) = if field == "phone" && dice.chance(50) {
        let part = PHONE_PARTS[dice.below(PHONE_PARTS.len())];
        (part.0.to_owned(), Some(part.1.to_owned()), None)
    } else {
        a_test(dice, operators, values, field == "phone")
    };
    RecipientFilter { party: Some(FieldTest { field: field.to_owned(), op, value, values }), ..Default::default() }
}

fn a_property_node(dice: &mut Dice, register: &Register) -> RecipientFilter {
    let ids: Vec<String> = register.properties.iter().map(|property| property.property_id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let fields: [(&str, &[&str], &[&str]); 9] = [
        ("property_id", &OF_INTEGER, &ids),
        ("parent_id", &OF_INTEGER, &ids),
        ("kind", &OF_CODE, &["company", "building", "STAIRWAY", "unit", "garage"]),
        ("code", &OF_TEXT, &CODES),
        ("name", &OF_TEXT, &PROPERTY_NAMES),
        ("street", &OF_TEXT, &STREETS),
        ("postal_code", &OF_TEXT, &POSTAL_CODES),
        ("city", &OF_TEXT, &CITIES),
        ("country", &OF_CODE, &["FI", "se", "NO"]),
    ];
    let (field, operators, values) = match dice.chance(25) {
        true => an_attribute(dice, PROPERTY_ATTRIBUTES),
        false => {
            let (field, operators, values) = fields[dice.below(fields.len())];
            (field.to_owned(), operators, values)
        }
    };
    let (op, value, values) = a_test(dice, operators, values, false);
    let include_descendants = [None, Some(true), Some(false)][dice.below(3)];
    let test = PropertyTest { field, op, value, values, include_descendants };
    RecipientFilter { property: Some(test), ..Default::default() }
}

/// An operator with its `value` or `values`.
fn a_test(
    dice: &mut Dice,
    operators: &[&str],
    values: &[&str],
    as_written: bool,
) -> (String, Option<String>, Option<Vec<String>>) {
    let op = dice.pick(operators).to_owned();
    match op.as_str() {
        "exists" => (op, Some(dice.pick(&["true", "false"]).to_owned()), None),
        "in" => {
            let count = 1 + dice.below(3);
            let values = (0..count).map(|_| dice.pick(values).to_owned()).collect();
            (op, None, Some(values))
        }
        "contains" | "starts_with" => {
            let whole: Vec<char> = dice.pick(values).chars().collect();
            let start = if op == "contains" { dice.below(whole.len()) } else { 0 };
            let end = start + 1 + dice.below(whole.len() - start);
            let part: String = whole[start..end].iter().collect();
            let part = if part.trim().is_empty() { whole.iter().collect() } else { part };
            (op, Some(varied(dice, &part)), None)
        }
        _ => {
            let value = dice.pick(values);
            let value = if as_written || operators.len() < 10 { value.to_owned() } else { varied(dice, value) };
            (op, Some(value), None)
        }
    }
}

/// The same text as others might write it.
fn varied(dice: &mut Dice, text: &str) -> String {
    match dice.below(4) {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        2 => format!("  {} ", text.replace(' ', "  ")),
        _ => text.to_owned(),
    }
}
