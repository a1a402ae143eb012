//! The test of one field: its operator, and its values read by the field's type.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::fields::{FieldType, Operator};
use super::{Operand, Test, dates};
use crate::address::phone;
use crate::attribute::number_form;
use crate::invalid::FieldError;
use crate::register::{MAX_ID, PartyKind};
use crate::{language, text};

/// The longest value, in characters.
pub const MAX_VALUE: usize = 500;

/// A test of a field as written.
pub(super) struct Written<'a> {
    pub op: &'a str,
    pub value: Option<&'a str>,
    pub values: Option<&'a [String]>,
    /// Of the test, for instance `/filter/party`.
    pub pointer: &'a str,
    pub today: NaiveDate,
}

impl Written<'_> {
    /// Reads the test of a field of `field_type`; what is refused goes to `errors`.
    pub(super) fn read(&self, field_type: FieldType, errors: &mut Vec<FieldError>) -> Option<Test> {
        let operator = self.operator(field_type, errors)?;
        let refused = match (operator, self.value, self.values) {
            (Operator::In, None, Some(values)) => return self.list(field_type, values, errors).map(Test::In),
            (Operator::In, Some(_), _) => {
                ("value", "value_not_allowed", "`in` takes `values`, not `value`.".to_owned())
            }
            (Operator::In, None, None) => ("values", "value_required", "`in` needs `values`.".to_owned()),
            (_, _, Some(_)) => ("values", "value_not_allowed", format!("`{}` takes `value`, not `values`.", self.op)),
            (_, None, None) => ("value", "value_required", format!("`{}` needs a `value`.", self.op)),
            (_, Some(value), None) => match self.test(operator, field_type, value) {
                Ok(test) => return Some(test),
                Err(expected) => ("value", "invalid_value", must_be(expected)),
            },
        };
        let (key, code, message) = refused;
        errors.push(self.refuse(key, code, message));
        None
    }

    fn operator(&self, field_type: FieldType, errors: &mut Vec<FieldError>) -> Option<Operator> {
        let allowed = field_type.operators();
        let names = || allowed.iter().map(|operator| operator.as_str()).collect::<Vec<_>>().join(", ");
        let error = match Operator::parse(self.op) {
            Some(operator) if allowed.contains(&operator) => return Some(operator),
            Some(_) => self.refuse(
                "op",
                "operator_not_allowed",
                format!("This field does not take `{}`; use one of: {}.", self.op, names()),
            ),
            None => self.refuse("op", "unknown_value", format!("There is no such operator; use one of: {}.", names())),
        };
        errors.push(error);
        None
    }

    fn list(&self, field_type: FieldType, values: &[String], errors: &mut Vec<FieldError>) -> Option<Vec<Operand>> {
        if values.is_empty() {
            errors.push(self.refuse("values", "empty_list", "Name at least one value.".to_owned()));
            return None;
        }
        let before = errors.len();
        let mut seen = HashSet::with_capacity(values.len());
        let mut operands = Vec::with_capacity(values.len());
        for (at, value) in values.iter().enumerate() {
            match self.operand(field_type, value) {
                Ok(operand) if seen.insert(operand.clone()) => operands.push(operand),
                Ok(_) => {}
                Err(expected) => errors.push(self.refuse(&format!("values/{at}"), "invalid_value", must_be(expected))),
            }
        }
        (errors.len() == before).then_some(operands)
    }

    /// The test of every operator but `in`, which has several values.
    fn test(&self, operator: Operator, field_type: FieldType, value: &str) -> Result<Test, &'static str> {
        let operand = || self.operand(field_type, value);
        match operator {
            Operator::Eq => operand().map(Test::Eq),
            Operator::Ne => operand().map(Test::Ne),
            Operator::In => operand().map(|only| Test::In(vec![only])),
            Operator::Lt => operand().map(Test::Lt),
            Operator::Lte => operand().map(Test::Lte),
            Operator::Gt => operand().map(Test::Gt),
            Operator::Gte => operand().map(Test::Gte),
            Operator::Contains => read_part(field_type, value, phone::part).map(Test::Contains),
            Operator::StartsWith => read_part(field_type, value, phone::start).map(Test::StartsWith),
            Operator::Exists => read_bool(value).map(Test::Exists).ok_or(FieldType::Bool.description()),
        }
    }

    fn operand(&self, field_type: FieldType, value: &str) -> Result<Operand, &'static str> {
        if !is_usable(value) {
            return Err(USABLE);
        }
        let value = value.trim();
        let operand = match field_type {
            FieldType::Text | FieldType::Word => Some(Operand::Text(text::fold(value))),
            FieldType::Phone => Some(Operand::Text(phone::read(Some(value)).e164.unwrap_or_else(|| text::fold(value)))),
            FieldType::PartyKind => {
                PartyKind::parse(&text::fold(value)).map(|kind| Operand::Text(kind.as_str().to_owned()))
            }
            FieldType::Language => language::parse(value).map(Operand::Text),
            FieldType::Country => read_country(value).map(Operand::Text),
            FieldType::Integer => value
                .parse()
                .ok()
                .filter(|number: &i64| number.unsigned_abs() <= MAX_ID.unsigned_abs())
                .map(Operand::Integer),
            FieldType::Number => read_number(value).map(Operand::Number),
            FieldType::Bool => read_bool(value).map(Operand::Bool),
            FieldType::Date => dates::read(value, self.today).map(Operand::Date),
        };
        operand.ok_or(field_type.description())
    }

    fn refuse(&self, key: &str, code: &'static str, message: String) -> FieldError {
        FieldError::new(format!("{}/{key}", self.pointer), code, message)
    }
}

/// What a usable text is like: PostgreSQL stores no NUL, and a blank text would compare equal to nothing.
const USABLE: &str =
    "a text that is not blank, of at most 500 characters and without NUL; `exists` asks for missing values";

/// Whether `value` can be compared with at all.
pub(super) fn is_usable(value: &str) -> bool {
    !value.trim().is_empty() && !value.contains('\0') && value.chars().nth(MAX_VALUE).is_none()
}

fn must_be(expected: &str) -> String {
    format!("Must be {expected}.")
}

/// The operand of `contains` and `starts_with`, which only texts and phones take; `of_number` puts a part of a phone number
/// into the form of E.164.
fn read_part(
    field_type: FieldType,
    value: &str,
    of_number: fn(&str) -> Option<String>,
) -> Result<String, &'static str> {
    if !is_usable(value) {
        return Err(USABLE);
    }
    let number = if field_type == FieldType::Phone { of_number(value) } else { None };
    Ok(number.unwrap_or_else(|| text::fold(value)))
}

/// Digits with or without a sign and decimals; no other spelling of a number.
fn read_number(value: &str) -> Option<String> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    let unsigned = value.strip_prefix('-').unwrap_or(value);
    let plain = match unsigned.split_once('.') {
        Some((whole, decimals)) => digits(whole) && digits(decimals),
        None => digits(unsigned),
    };
    value.parse().ok().filter(|_| plain).and_then(number_form)
}

fn read_country(value: &str) -> Option<String> {
    let letters = value.len() == 2 && value.bytes().all(|letter| letter.is_ascii_alphabetic());
    letters.then(|| value.to_ascii_uppercase())
}

fn read_bool(value: &str) -> Option<bool> {
    match value {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
