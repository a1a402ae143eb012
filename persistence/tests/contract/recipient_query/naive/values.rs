//! Values of contracts and of the customer's own fields, as the rules compare them.

use chrono::{Days, NaiveDate};
use domain::recipient_query::FieldTest;
use domain::register::Contract;
use serde_json::{Map, Value as Json};

use super::{Value, boolean, folded, integer, language, passes, valid_on};
use crate::support::today;

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
