//! Random registers and filters. There are few parties and fewer values, so that conditions meet both those they match
//! and those they just miss.

use chrono::{Days, NaiveDate};
use domain::attribute::AttributeRegister;
use domain::eligibility::{AddressState, PhoneState};
use domain::ids::new_id;
use domain::recipient_query::{FieldTest, PropertyTest, RecipientFilter, RoleTest};
use domain::register::{Contract, Party, PartyKind, Property, Role};

use serde_json::{Map, Value, json};

use crate::support::{ListOf, Register, contract, person, property, role, today};

/// Written, E.164 if it is a valid number, and what it is worth.
pub const PHONES: [(&str, Option<&str>, PhoneState); 5] = [
    ("040 1234567", Some("+358401234567"), PhoneState::Mobile),
    ("+358 40 1234567", Some("+358401234567"), PhoneState::Mobile),
    ("+46 70 123 45 67", Some("+46701234567"), PhoneState::Mobile),
    ("09 1234567", Some("+35891234567"), PhoneState::NotMobile),
    ("Soita iltaisin", None, PhoneState::Invalid),
];

/// Operator, part of a number as written, and as it is compared.
pub const PHONE_PARTS: [(&str, &str, &str); 8] = [
    ("starts_with", "040", "+35840"),
    ("starts_with", "+46", "+46"),
    ("starts_with", "0046 70", "+4670"),
    ("starts_with", "soita", "soita"),
    ("contains", "040-12", "4012"),
    ("contains", "345", "345"),
    ("contains", "9 123", "9123"),
    ("contains", "ILTA", "ilta"),
];

pub const EMAILS: [(&str, AddressState); 6] = [
    ("aino@aalto.fi", AddressState::Valid),
    ("AINO@Aalto.fi", AddressState::Valid),
    ("bo.berg@example.se", AddressState::Valid),
    ("åke@öhman.fi", AddressState::Valid),
    ("aino(at)aalto.fi", AddressState::Invalid),
    ("aino@aalto", AddressState::Invalid),
];

/// The customer's own fields of parties, with their types.
pub const PARTY_ATTRIBUTES: [(&str, &str); 4] =
    [("class", "string"), ("debt", "number"), ("vip", "bool"), ("since", "date")];

/// Those of properties.
pub const PROPERTY_ATTRIBUTES: [(&str, &str); 4] =
    [("heating", "string"), ("built", "number"), ("lift", "bool"), ("renovated", "date")];

const ATTRIBUTE_TEXTS: [&str; 6] = ["A", "a", "Äpy", "B_1", "b%1", "Kaukolämpö"];
const ATTRIBUTE_NUMBERS: [&str; 7] = ["-12.5", "-3", "0", "0.1", "7", "1962", "9007199254740991"];
const ATTRIBUTE_DAYS: [&str; 4] = ["1962-05-01", "2025-12-31", "2026-06-15", "2026-06-16"];

const NAMES: [&str; 12] = [
    "Aalto Aino",
    "aalto aino",
    "Aalto Aino Maria",
    "Berg Bo",
    "Öhman Åke",
    "Ohman Ake",
    "Äijälä-Virtanen Eeva",
    "Wirtanen Eeva",
    "Åberg Åsa",
    "Mäki 100% Oy",
    "Mäki_100 Oy",
    "Helsingin \\ Kiinteistöt Oy",
];
const FIRST_NAMES: [&str; 4] = ["Aino", "aino maria", "Åke", "Eeva"];
const LAST_NAMES: [&str; 4] = ["Aalto", "Öhman", "Ohman", "Äijälä-Virtanen"];
const BUSINESS_IDS: [&str; 2] = ["1234567-1", "FI 7654321-2"];
const LANGUAGES: [&str; 4] = ["fi", "sv", "sv-FI", "en"];
const STREETS: [&str; 4] = ["Öljytie 5", "Mannerheimintie 1 A", "mannerheimintie 1 a", "Bulevarden 12"];
const POSTAL_CODES: [&str; 3] = ["00100", "00120", "20100"];
const CITIES: [&str; 4] = ["Helsinki", "HELSINKI", "Åbo", "Espoo"];
const COUNTRIES: [&str; 2] = ["FI", "SE"];
const KINDS: [&str; 4] = ["company", "building", "stairway", "unit"];
const CODES: [&str; 4] = ["A 1", "a 1", "B12", "Ö-9"];
const PROPERTY_NAMES: [&str; 4] = ["As Oy Aalto", "Bostads Ab Öljytie", "Porras A", "Helsingin talo"];
const ROLES: [&str; 4] = ["resident", "owner", "Resident", "board_member"];
const WORDS: [&str; 22] = [
    "aal",
    "AINO",
    "maria",
    "öh",
    "oh",
    "åke",
    "äijälä",
    "virt",
    "100",
    "oy",
    "helsin",
    "001",
    "20100",
    "040",
    "358",
    "1234567",
    "iltaisin",
    "b12",
    "öljytie",
    "mannerheimintie",
    "fi",
    "xyz",
];

/// A generator of random numbers that gives the same ones for the same seed (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `end` − 1.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, values: &[&'a T]) -> &'a T {
        values[self.below(values.len())]
    }

    fn some(&mut self, percent: usize, values: &[&str]) -> Option<String> {
        self.chance(percent).then(|| self.pick(values).to_owned())
    }
}

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
