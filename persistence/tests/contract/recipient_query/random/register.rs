//! A random register.

use chrono::{Days, NaiveDate};
use domain::attribute::AttributeRegister;
use domain::ids::new_id;
use domain::register::{Contract, Party, PartyKind, Property, Role};
use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::filter::filter;
use super::values::{
    ATTRIBUTE_DAYS, ATTRIBUTE_NUMBERS, ATTRIBUTE_TEXTS, BUSINESS_IDS, CITIES, CODES, COUNTRIES, EMAILS, FIRST_NAMES,
    KINDS, LANGUAGES, LAST_NAMES, NAMES, PARTY_ATTRIBUTES, PHONES, POSTAL_CODES, PROPERTY_ATTRIBUTES, PROPERTY_NAMES,
    ROLES, STREETS,
};
use crate::support::{ListOf, Register, contract, person, property, role, today};

/// 5 to 25 parties, trees up to 4 deep, roles and contracts of the past, the present and the future.
pub fn register(dice: &mut Dice) -> Register {
    let parties = (1..=5 + dice.below(21)).map(|number| a_party(dice, i64::try_from(number).unwrap())).collect();
    let mut register = Register { parties, ..Register::default() };
    properties(dice, &mut register);
    for party in &register.parties.clone() {
        for _ in 0..dice.below(4) {
            let held = a_role(dice, &register, party.party_id);
            register.roles.push(held);
        }
        // Some have had their last day: of their contracts the newest ended one counts.
        let days = if dice.chance(30) { &DAYS[..3] } else { &DAYS };
        for _ in 0..dice.below(5) {
            let number = i64::try_from(register.contracts.len()).unwrap();
            let contract = a_contract(dice, &register, party.party_id, 1000 + (number * 37) % 211, days);
            register.contracts.push(contract);
        }
    }
    let contracts = register.contracts.clone();
    for held in &mut register.roles {
        // Also that of another: of two who live together one may have signed.
        if dice.chance(30) && !contracts.is_empty() {
            held.contract_id = Some(contracts[dice.below(contracts.len())].contract_id);
        }
    }
    register.attributes =
        [(AttributeRegister::Party, PARTY_ATTRIBUTES), (AttributeRegister::Property, PROPERTY_ATTRIBUTES)]
            .into_iter()
            .flat_map(|(register, declared)| declared.map(|(name, type_word)| (register, name, type_word)))
            .collect();
    saved(dice, &mut register);
    register
}

/// Lists and queries, of which each may name those before it.
fn saved(dice: &mut Dice, register: &mut Register) {
    for _ in 0..dice.below(5) {
        if dice.chance(50) {
            let query = filter(dice, register);
            register.queries.push((new_id(), query));
        } else if !register.queries.is_empty() && dice.chance(40) {
            let of = register.queries[dice.below(register.queries.len())].0;
            register.lists.push((new_id(), ListOf::Query(of)));
        } else {
            let ids: Vec<i64> = register.parties.iter().map(|party| party.party_id).collect();
            let percent = dice.below(100);
            let members = ids.into_iter().filter(|_| dice.chance(percent)).collect();
            register.lists.push((new_id(), ListOf::Members(members)));
        }
    }
}

/// Some of the declared attributes, and one that is not declared.
fn attributes(dice: &mut Dice, declared: [(&str, &str); 4]) -> Map<String, Value> {
    let mut values = Map::new();
    for (name, type_word) in declared {
        if dice.chance(50) {
            let value = match type_word {
                "string" if dice.chance(10) => json!(" "),
                "string" => json!(dice.pick(&ATTRIBUTE_TEXTS)),
                "number" => serde_json::from_str(dice.pick(&ATTRIBUTE_NUMBERS)).unwrap(),
                "bool" => json!(dice.chance(50)),
                _ if dice.chance(10) => Value::Null,
                _ => json!(dice.pick(&ATTRIBUTE_DAYS)),
            };
            values.insert(name.to_owned(), value);
        }
    }
    values.insert("note".to_owned(), json!([1, "vip"]));
    values
}

fn a_party(dice: &mut Dice, party_id: i64) -> Party {
    let emails = EMAILS.map(|email| email.0);
    let phones = PHONES.map(|phone| phone.0);
    Party {
        kind: if dice.chance(70) { PartyKind::Person } else { PartyKind::Company },
        first_name: dice.some(60, &FIRST_NAMES),
        last_name: dice.some(60, &LAST_NAMES),
        business_id: dice.some(30, &BUSINESS_IDS),
        language: dice.some(30, &LANGUAGES),
        email: dice.some(70, &emails),
        email_marketing: dice.chance(50),
        phone: dice.some(70, &phones),
        phone_marketing: dice.chance(50),
        street: dice.some(70, &STREETS),
        postal_code: dice.some(80, &POSTAL_CODES),
        city: dice.some(70, &CITIES),
        country: dice.some(50, &COUNTRIES),
        address_protected: dice.chance(25),
        deceased: dice.chance(10),
        archived: dice.chance(10),
        attributes: attributes(dice, PARTY_ATTRIBUTES),
        ..person(party_id, dice.pick(&NAMES))
    }
}

fn properties(dice: &mut Dice, register: &mut Register) {
    let count = 4 + dice.below(11);
    let mut depths = Vec::new();
    for number in 0..count {
        let above = (number >= 2 && !dice.chance(10)).then(|| dice.below(number)).filter(|above| depths[*above] < 4);
        depths.push(above.map_or(1, |above| depths[above] + 1));
        // Ids in no order: a child's may be lower than its parent's.
        let id = |number: usize| i64::try_from(1 + (number * 59) % 97).unwrap();
        register.properties.push(Property {
            code: dice.some(60, &CODES),
            street: dice.some(60, &STREETS),
            postal_code: dice.some(60, &POSTAL_CODES),
            city: dice.some(60, &CITIES),
            country: dice.some(40, &COUNTRIES),
            attributes: attributes(dice, PROPERTY_ATTRIBUTES),
            ..property(id(number), above.map(id), dice.pick(&KINDS), dice.pick(&PROPERTY_NAMES))
        });
    }
}

/// Days of beginnings and ends, counted from today; the first three are past.
const DAYS: [i64; 6] = [-400, -40, -1, 0, 1, 40];

fn validity(dice: &mut Dice, offsets: &[i64]) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let mut end = |open: usize| {
        (!dice.chance(open)).then(|| {
            let days: i64 = offsets[dice.below(offsets.len())];
            if days < 0 { today() - Days::new(days.unsigned_abs()) } else { today() + Days::new(days.unsigned_abs()) }
        })
    };
    let (from, to) = (end(40), end(50));
    if from.is_some() && to.is_some() && from > to { (to, from) } else { (from, to) }
}

fn a_property(dice: &mut Dice, register: &Register) -> i64 {
    register.properties[dice.below(register.properties.len())].property_id
}

fn a_role(dice: &mut Dice, register: &Register, party_id: i64) -> Role {
    let (valid_from, valid_to) = validity(dice, &DAYS);
    let held = role(party_id, a_property(dice, register), dice.pick(&ROLES));
    Role { erp_role_id: Some(new_id().to_string()), valid_from, valid_to, ..held }
}

fn a_contract(dice: &mut Dice, register: &Register, party_id: i64, contract_id: i64, days: &[i64]) -> Contract {
    let (valid_from, valid_to) = validity(dice, days);
    let made = contract(contract_id, party_id, a_property(dice, register));
    let points_enrolled = dice.chance(30);
    Contract {
        kind: dice.pick(&["tenancy", "parking"]).to_owned(),
        language: dice.some(80, &LANGUAGES),
        valid_from,
        valid_to,
        points_enrolled,
        points_enrolled_on: if points_enrolled { valid_from } else { None },
        ..made
    }
}
