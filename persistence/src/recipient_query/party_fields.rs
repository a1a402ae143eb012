//! Fields of the register as SQL: the column each is compared by, and the operators.

use domain::attribute::AttributeRegister;
use domain::recipient_query::{FieldOrAttribute, Operand, PartyField, Test};

use super::assignments::push_prefix;
use super::attributes::push_attribute_test;
use super::compile::Context;
use super::service_language::push_service_language;
use crate::fragment::Fragment;

/// What a test looks at.
#[derive(Clone, Copy)]
pub(crate) enum Column<'a> {
    /// A column, holding the value in the form it is compared in.
    Stored(&'static str),
    /// The service language of `party p`, worked out.
    ServiceLanguage(Context<'a>),
}

impl Column<'_> {
    fn push(self, sql: &mut Fragment) {
        match self {
            Self::Stored(column) => {
                sql.sql(column);
            }
            Self::ServiceLanguage(context) => push_service_language(sql, context),
        }
    }
}

/// A test of one of the party's own fields.
pub(crate) fn push_party_test(
    sql: &mut Fragment,
    field: &FieldOrAttribute<PartyField>,
    test: &Test,
    context: Context<'_>,
) {
    let field = match field {
        FieldOrAttribute::Field(field) => field,
        FieldOrAttribute::Attribute(name) => return push_attribute_test(sql, AttributeRegister::Party, name, test),
    };
    let column = match field {
        PartyField::PartyId => "p.party_id",
        PartyField::Kind => "p.kind",
        PartyField::Name => "p.name_fold",
        PartyField::FirstName => "p.first_name_fold",
        PartyField::LastName => "p.last_name_fold",
        PartyField::BusinessId => "p.business_id_fold",
        PartyField::ServiceLanguage => return push_test(sql, Column::ServiceLanguage(context), test),
        PartyField::Email => "p.email_fold",
        PartyField::EmailMarketing => "p.email_marketing",
        PartyField::Phone => "p.phone_match",
        PartyField::PhoneMarketing => "p.phone_marketing",
        PartyField::Street => "p.street_fold",
        PartyField::PostalCode => "p.postal_code_fold",
        PartyField::City => "p.city_fold",
        PartyField::Country => "p.country",
    };
    push_test(sql, Column::Stored(column), test);
}

/// A test of a column. Of a missing value it is NULL, which no condition above takes for true.
pub(crate) fn push_test(sql: &mut Fragment, column: Column<'_>, test: &Test) {
    let mut compare = |operator: &'static str, operand: &Operand| {
        column.push(sql);
        sql.sql(operator);
        push_operand(sql, operand);
    };
    match test {
        Test::Eq(operand) => compare(" = ", operand),
        Test::Ne(operand) => compare(" <> ", operand),
        Test::Lt(operand) => compare(" < ", operand),
        Test::Lte(operand) => compare(" <= ", operand),
        Test::Gt(operand) => compare(" > ", operand),
        Test::Gte(operand) => compare(" >= ", operand),
        Test::In(operands) => {
            column.push(sql);
            sql.sql(" IN (");
            for (number, operand) in operands.iter().enumerate() {
                if number > 0 {
                    sql.sql(", ");
                }
                push_operand(sql, operand);
            }
            sql.sql(")");
        }
        Test::Contains(text) => {
            column.push(sql);
            sql.sql(" LIKE ").bind(format!("%{}%", like_escaped(text))).sql(" ESCAPE '\\'");
        }
        Test::StartsWith(prefix) => match column {
            Column::Stored(column) => push_prefix(sql, column, prefix),
            Column::ServiceLanguage(_) => {
                column.push(sql);
                sql.sql(" LIKE ").bind(format!("{}%", like_escaped(prefix))).sql(" ESCAPE '\\'");
            }
        },
        Test::Exists(expected) => {
            column.push(sql);
            sql.sql(if *expected { " IS NOT NULL" } else { " IS NULL" });
        }
    }
}

fn push_operand(sql: &mut Fragment, operand: &Operand) {
    match operand {
        Operand::Text(text) | Operand::Number(text) => sql.bind(text.as_str()),
        Operand::Integer(number) => sql.bind(*number),
        Operand::Bool(value) => sql.bind(*value),
        Operand::Date(day) => sql.bind(*day),
    };
}

fn like_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
