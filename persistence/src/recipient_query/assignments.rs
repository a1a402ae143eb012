//! Role assignments and property selections as SQL.

use chrono::NaiveDate;
use domain::attribute::AttributeRegister;
use domain::recipient_query::{AssignmentTest, FieldOrAttribute, PropertyField, PropertySelection};
use domain::register::PartyId;

use super::attributes::push_attribute_test;
use super::contracts::push_contract;
use super::party_fields::{Column, push_test};
use crate::fragment::Fragment;

/// `select` from `role r` those that pass the tests of one assignment; `many` as in [`super::compile::Context`]. `of` are the
/// parties among which to look, if not among all. With a contract the rows are those of two ways to it, and may come twice.
pub(crate) fn push_assignments(
    sql: &mut Fragment,
    select: &'static str,
    test: &AssignmentTest,
    many: bool,
    of: Option<&[PartyId]>,
) {
    let ways: &[&'static str] = match test.contract {
        None => &[" FROM role r WHERE "],
        Some(_) => &[
            " FROM role r JOIN contract c ON c.contract_id = r.contract_id WHERE ",
            " FROM role r JOIN contract c ON c.party_id = r.party_id AND c.property_id = r.property_id \
             WHERE r.contract_id IS NULL AND ",
        ],
    };
    for (number, way) in ways.iter().enumerate() {
        sql.sql(if number > 0 { " UNION ALL " } else { "" }).sql(select).sql(way);
        push_assignment(sql, test, many);
        if let Some(contract) = &test.contract {
            sql.sql(" AND ");
            push_contract(sql, contract);
        }
        if let Some(ids) = of {
            sql.sql(" AND r.party_id IN ").list(ids.iter().copied());
        }
    }
}

/// The tests of one assignment over `role r`, but for its contract.
fn push_assignment(sql: &mut Fragment, test: &AssignmentTest, many: bool) {
    push_valid_on(sql, test.on);
    if let Some(codes) = &test.roles {
        sql.sql(" AND r.role IN ").list(codes.iter().map(String::as_str));
    }
    if !test.properties.is_empty() {
        let selected = |selection: &PropertySelection| {
            let mut sql = Fragment::new("(r.property_id IN (");
            push_selection(&mut sql, selection);
            sql.sql(")").sql(is(many)).sql(")");
            sql
        };
        sql.sql(" AND ").append(join(test.properties.iter().map(selected).collect(), " AND "));
    }
}

/// What stands behind a test of which the planner is to make nothing but a test.
pub(crate) fn is(many: bool) -> &'static str {
    if many { " IS TRUE" } else { "" }
}

/// These joined, in parentheses. As a balanced tree: SQLite's expressions are at most 1000 deep.
pub(crate) fn join(mut parts: Vec<Fragment>, operator: &'static str) -> Fragment {
    let mut sql = Fragment::new("(");
    match parts.len() {
        0 => {
            sql.sql(if operator == " OR " { "FALSE" } else { "TRUE" });
        }
        1 => {
            parts.into_iter().for_each(|part| {
                sql.append(part);
            });
        }
        count => {
            let rest = parts.split_off(count / 2);
            sql.append(join(parts, operator)).sql(operator).append(join(rest, operator));
        }
    }
    sql.sql(")");
    sql
}

/// `role r` is valid on `day`: both ends inclusive, an open end is open. Its end is looked at first: most have none, and of
/// those that have one most are over.
pub(crate) fn push_valid_on(sql: &mut Fragment, day: NaiveDate) {
    sql.sql("(r.valid_to IS NULL OR r.valid_to >= ").bind(day);
    sql.sql(") AND (r.valid_from IS NULL OR r.valid_from <= ").bind(day).sql(")");
}

fn push_selection(sql: &mut Fragment, selection: &PropertySelection) {
    if selection.include_descendants {
        sql.sql("WITH RECURSIVE chosen (property_id) AS (SELECT q.property_id FROM property q WHERE ");
        push_property_test(sql, selection);
        sql.sql(
            " UNION SELECT q.property_id FROM property q JOIN chosen c ON q.parent_id = c.property_id) \
             SELECT property_id FROM chosen",
        );
    } else {
        sql.sql("SELECT q.property_id FROM property q WHERE ");
        push_property_test(sql, selection);
    }
}

fn push_property_test(sql: &mut Fragment, selection: &PropertySelection) {
    match &selection.field {
        FieldOrAttribute::Field(field) => push_test(sql, column(*field), &selection.test),
        FieldOrAttribute::Attribute(name) => {
            push_attribute_test(sql, AttributeRegister::Property, name, &selection.test)
        }
    }
}

fn column(field: PropertyField) -> Column<'static> {
    Column::Stored(match field {
        PropertyField::PropertyId => "q.property_id",
        PropertyField::ParentId => "q.parent_id",
        PropertyField::Kind => "q.kind",
        PropertyField::Code => "q.code_fold",
        PropertyField::Name => "q.name_fold",
        PropertyField::Street => "q.street_fold",
        PropertyField::PostalCode => "q.postal_code_fold",
        PropertyField::City => "q.city_fold",
        PropertyField::Country => "q.country",
    })
}

/// `w.word` begins with `word`, as a range that an index serves on both databases.
pub(crate) fn push_word_range(sql: &mut Fragment, word: &str) {
    push_prefix(sql, "w.word", word);
}

/// `column` begins with `prefix`.
pub(crate) fn push_prefix(sql: &mut Fragment, column: &'static str, prefix: &str) {
    sql.sql(column).sql(" >= ").bind(prefix);
    if let Some(end) = successor(prefix) {
        sql.sql(" AND ").sql(column).sql(" < ").bind(end);
    }
}

/// The first text, in code point order, after all that begin with `prefix`.
fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The range steps over the surrogates by itself.
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::successor;

    #[test]
    fn the_successor_of_a_prefix_follows_everything_that_begins_with_it() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10ffff}"), None);
        assert_eq!(successor(""), None);
    }
}
