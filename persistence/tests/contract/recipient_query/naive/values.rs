//! Values, and fields of contracts and properties and the customer's own, as the rules compare them.

use chrono::{Days, NaiveDate};
use domain::recipient_query::{FieldTest, PropertyTest};
use domain::register::{Contract, Property};
use serde_json::{Map, Value as Json};

use super::super::random::{PHONE_PARTS, PHONES, PROPERTY_ATTRIBUTES};
use crate::support::today;

pub fn valid_on(day: NaiveDate, from: Option<NaiveDate>, to: Option<NaiveDate>) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| to >= day)
}

/// A value as it is compared.
#[derive(Debug, PartialEq, PartialOrd)]
pub enum Value {
    Text(String),
    Integer(i64),
    Number(f64),
    Bool(bool),
    Day(NaiveDate),
}

pub fn passes(
    value: Option<&Value>,
    op: &str,
    operand: Option<&str>,
    operands: Option<&[String]>,
    read: fn(&str) -> Value,
) -> bool {
    let operand = || operand.unwrap();
    if op == "exists" {
        return value.is_some() == (operand() == "true");
    }
    let Some(value) = value else { return false };
    let texts = || match (value, read(operand())) {
        (Value::Text(value), Value::Text(operand)) => (value.as_str(), operand),
        other => panic!("texts expected: {other:?}"),
    };
    match op {
        "eq" => *value == read(operand()),
        "ne" => *value != read(operand()),
        "in" => operands.unwrap().iter().any(|operand| *value == read(operand)),
        "lt" => *value < read(operand()),
        "lte" => *value <= read(operand()),
        "gt" => *value > read(operand()),
        "gte" => *value >= read(operand()),
        "contains" => {
            let (value, operand) = texts();
            value.contains(&operand)
        }
        "starts_with" => {
            let (value, operand) = texts();
            value.starts_with(&operand)
        }
        other => panic!("operator {other}"),
    }
}

pub fn property_field(property: &Property, test: &PropertyTest) -> bool {
    let text = |value: &Option<String>| value.as_deref().map(folded);
    let (value, read): (Option<Value>, fn(&str) -> Value) = match test.field.as_str() {
        "property_id" => (Some(Value::Integer(property.property_id)), integer),
        "parent_id" => (property.parent_id.map(Value::Integer), integer),
        "kind" => (Some(folded(&property.kind)), folded),
        "code" => (text(&property.code), folded),
        "name" => (Some(folded(&property.name)), folded),
        "street" => (text(&property.street), folded),
        "postal_code" => (text(&property.postal_code), folded),
        "city" => (text(&property.city), folded),
        "country" => (text(&property.country), folded),
        name => attribute(&property.attributes, name, PROPERTY_ATTRIBUTES),
    };
    passes(value.as_ref(), &test.op, test.value.as_deref(), test.values.as_deref(), read)
}

/// Case-folded, trimmed, with single spaces; å, ä and ö stay themselves.
pub fn folded(text: &str) -> Value {
    Value::Text(text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
}

pub fn integer(text: &str) -> Value {
    Value::Integer(text.parse().unwrap())
}

pub fn boolean(text: &str) -> Value {
    Value::Bool(text.parse().unwrap())
}

pub fn language(tag: &str) -> Value {
    let (language, region) = tag.split_once('-').map_or((tag, None), |(language, region)| (language, Some(region)));
    let region = region.map(|region| format!("-{}", region.to_uppercase())).unwrap_or_default();
    Value::Text(format!("{}{region}", language.to_lowercase()))
}

pub fn e164(raw: &str) -> Option<&'static str> {
    PHONES.iter().find(|phone| phone.0 == raw.trim()).and_then(|phone| phone.1)
}

pub fn phone(raw: &str) -> Value {
    e164(raw).map_or_else(|| folded(raw), |number| Value::Text(number.to_owned()))
}

pub fn phone_part(written: &str) -> Value {
    let part = PHONE_PARTS.iter().find(|part| part.1 == written).expect("a known part of a number");
    Value::Text(part.2.to_owned())
}

pub fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The words of a text, but for a whole phone number, which is one.
pub fn searched(text: &str) -> Vec<String> {
    match e164(&text.replace('-', " ")) {
        Some(number) => vec![number.trim_start_matches('+').to_owned()],
        None => words(text),
    }
}

/// Whether the contract passes all the tests. Unless one of them asks when it is valid, it must be so on this day.
pub fn contract_passes(contract: &Contract, tests: &[&FieldTest], on: NaiveDate) -> bool {
    let asked = tests.iter().any(|test| test.field == "valid_from" || test.field == "valid_to");
    (asked || valid_on(on, contract.valid_from, contract.valid_to))
        && tests.iter().all(|test| contract_field(contract, test))
}

fn contract_field(contract: &Contract, test: &FieldTest) -> bool {
    let (value, read): (Option<Value>, fn(&str) -> Value) = match test.field.as_str() {
        "contract_id" => (Some(Value::Integer(contract.contract_id)), integer),
        "property_id" => (Some(Value::Integer(contract.property_id)), integer),
        "kind" => (Some(folded(&contract.kind)), folded),
        "language" => (contract.language.clone().map(Value::Text), language),
        "valid_from" => (contract.valid_from.map(Value::Day), date),
        "valid_to" => (contract.valid_to.map(Value::Day), date),
        "points_enrolled" => (Some(Value::Bool(contract.points_enrolled)), boolean),
        "points_enrolled_on" => (contract.points_enrolled_on.map(Value::Day), date),
        other => panic!("field {other}"),
    };
    passes(value.as_ref(), &test.op, test.value.as_deref(), test.values.as_deref(), read)
}

/// A field of the customer's own, `attributes.NAME`, of the type it is declared with.
pub fn attribute(
    values: &Map<String, Json>,
    field: &str,
    declared: [(&str, &str); 4],
) -> (Option<Value>, fn(&str) -> Value) {
    let name = field.strip_prefix("attributes.").expect("an attribute");
    let type_word = declared.iter().find(|one| one.0 == name).expect("a declared attribute").1;
    let value = values.get(name);
    match type_word {
        // A blank text is no value.
        "string" => {
            let text = value.and_then(Json::as_str).filter(|text| !text.trim().is_empty());
            (text.map(folded), folded)
        }
        "number" => (value.and_then(Json::as_f64).map(Value::Number), number),
        "bool" => (value.and_then(Json::as_bool).map(Value::Bool), boolean),
        "date" => (value.and_then(Json::as_str).map(date), date),
        other => panic!("type {other}"),
    }
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn date(text: &str) -> Value {
    let day = match text.strip_prefix("today").map(|offset| offset.trim_end_matches('d')) {
        None => text.parse().unwrap(),
        Some("") => today(),
        Some(offset) => {
            let days = Days::new(offset[1..].parse().unwrap());
            if offset.starts_with('-') { today() - days } else { today() + days }
        }
    };
    Value::Day(day)
}
