mod meaning;
mod refusals;

use serde_json::{Value, json};

use super::super::{Operand, Test};
use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
}

fn known() -> Known {
    let declared = |register, name: &str, type_word: &str| {
        crate::attribute::Attribute::declare(register, name, type_word, None).unwrap()
    };
    let attributes = vec![
        declared(AttributeRegister::Party, "class", "string"),
        declared(AttributeRegister::Party, "debt", "number"),
        declared(AttributeRegister::Party, "vip", "bool"),
        declared(AttributeRegister::Property, "built", "date"),
    ];
    Known { today: today(), attributes: Attributes::new(attributes), ..Known::default() }
}

fn checked(filter: Value) -> Checked<Condition> {
    check(&serde_json::from_value(filter).unwrap(), "/filter", &known())
}

fn meaning(filter: Value) -> Condition {
    checked(filter.clone()).unwrap_or_else(|errors| panic!("{filter}: {errors:?}"))
}

/// The pointers and codes of what is refused.
fn refused(filter: Value) -> Vec<(String, &'static str)> {
    checked(filter).unwrap_err().into_iter().map(|error| (error.pointer, error.code)).collect()
}

fn text(value: &str) -> Operand {
    Operand::Text(value.to_owned())
}

fn party(field: PartyField, test: Test) -> Condition {
    Condition::Party { field: FieldOrAttribute::Field(field), test }
}

fn selection(field: PropertyField, test: Test) -> PropertySelection {
    PropertySelection { field: FieldOrAttribute::Field(field), test, include_descendants: true }
}
