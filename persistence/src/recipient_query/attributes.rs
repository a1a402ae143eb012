//! The customer's own fields as SQL. Their values lie in tables of their own, in the form in which they are compared.

use domain::attribute::{AttributeRegister, bool_form};
use domain::recipient_query::{Operand, Test};

use super::party_fields::{Column, push_test};
use crate::fragment::Fragment;

/// A test of an attribute of `party p` or `property q`.
pub(crate) fn push_attribute_test(sql: &mut Fragment, register: AttributeRegister, name: &str, test: &Test) {
    let (found, none) = match register {
        AttributeRegister::Party => (
            "p.party_id IN (SELECT a.party_id FROM party_attribute a WHERE a.name = ",
            "NOT EXISTS (SELECT 1 FROM party_attribute a WHERE a.party_id = p.party_id AND a.name = ",
        ),
        AttributeRegister::Property => (
            "q.property_id IN (SELECT a.property_id FROM property_attribute a WHERE a.name = ",
            "NOT EXISTS (SELECT 1 FROM property_attribute a WHERE a.property_id = q.property_id AND a.name = ",
        ),
    };
    match test {
        Test::Exists(true) => {
            sql.sql(found).bind(name);
        }
        Test::Exists(false) => {
            sql.sql(none).bind(name);
        }
        test => {
            sql.sql(found).bind(name).sql(" AND ");
            push_test(sql, Column::Stored("a.value"), &in_stored_form(test));
        }
    }
    sql.sql(")");
}

/// The test with its operands in the form of the stored values, which are texts.
fn in_stored_form(test: &Test) -> Test {
    let form = |operand: &Operand| {
        Operand::Text(match operand {
            Operand::Text(text) | Operand::Number(text) => text.clone(),
            Operand::Integer(number) => number.to_string(),
            Operand::Bool(value) => bool_form(*value).to_owned(),
            Operand::Date(day) => day.to_string(),
        })
    };
    match test {
        Test::Eq(operand) => Test::Eq(form(operand)),
        Test::Ne(operand) => Test::Ne(form(operand)),
        Test::In(operands) => Test::In(operands.iter().map(form).collect()),
        Test::Lt(operand) => Test::Lt(form(operand)),
        Test::Lte(operand) => Test::Lte(form(operand)),
        Test::Gt(operand) => Test::Gt(form(operand)),
        Test::Gte(operand) => Test::Gte(form(operand)),
        Test::Contains(_) | Test::StartsWith(_) | Test::Exists(_) => test.clone(),
    }
}
