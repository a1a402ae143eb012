//! Conditions as SQL over `party p`.
//!
//! A condition on a protected party's own address or phone is *unknown* to a caller who may not see it: it leaves the party
//! out whether it is negated or not. `not` compiles to `IS NOT TRUE`, so the unknown must turn false below an even number of
//! negations and true below an odd one: that is what `positive` carries downwards.

use chrono::NaiveDate;
use domain::recipient_query::{Condition, ContractField, ContractTest, FieldOrAttribute, PartyField, Test};
use uuid::Uuid;

use super::assignments::{is, join, push_assignments, push_valid_on, push_word_range};
use super::contracts::push_contract;
use super::party_fields::push_party_test;
use crate::fragment::Fragment;

/// What the compilation of a condition depends on.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub today: NaiveDate,
    pub default_language: &'a str,
    pub see_protected: bool,
    /// Whether that a protected party lives in some property is unknown, too: where the answer is about that party.
    pub hide_residence: bool,
    /// Whether the condition as a whole asks for [`many`] sets of parties.
    pub many: bool,
}

/// Up to so many sets of parties the planner may choose which to begin with. Of more, PostgreSQL would spend minutes on
/// choosing and SQLite seconds, so that each is only looked up, party by party.
const MAX_CHOICES: usize = 8;

/// Whether a condition of `sets` sets of parties asks for many.
pub(crate) fn many(sets: usize) -> bool {
    sets > MAX_CHOICES
}

/// How many sets of parties, by roles, properties or words, a condition asks for.
pub(crate) fn sets(condition: &Condition) -> usize {
    match condition {
        Condition::All(children) | Condition::Any(children) => children.iter().map(sets).sum(),
        Condition::Not(child) => sets(child),
        Condition::Assignment(test) => 1 + test.properties.len() + usize::from(test.contract.is_some()),
        Condition::Contract(_) | Condition::Party { field: FieldOrAttribute::Attribute(_), .. } => 1,
        Condition::Text(words) => words.len(),
        Condition::ListMember(_) => 1,
        Condition::Party { .. } | Condition::PartyIds(_) => 0,
    }
}

/// The condition as a boolean SQL expression.
pub(crate) fn condition(condition: &Condition, context: Context<'_>, positive: bool) -> Fragment {
    match condition {
        Condition::All(children) => join(conditions(children, context, positive), " AND "),
        Condition::Any(children) => join(conditions(children, context, positive), " OR "),
        Condition::Not(child) => {
            let mut sql = Fragment::new("(");
            sql.append(self::condition(child, context, !positive)).sql(" IS NOT TRUE)");
            sql
        }
        Condition::Assignment(test) => {
            let mut sql = Fragment::new("(p.party_id IN (");
            push_assignments(&mut sql, "SELECT r.party_id", test, context.many, None);
            sql.sql(")").sql(is(context.many)).sql(")");
            let of_contract = test.contract.as_ref().is_some_and(tells_residence);
            if context.hide_residence && (of_contract || !test.properties.is_empty()) {
                sql = hidden(sql, positive);
            }
            sql
        }
        Condition::Contract(test) => {
            let mut sql = Fragment::new("(p.party_id IN (SELECT c.party_id FROM contract c WHERE ");
            push_contract(&mut sql, test);
            sql.sql(")").sql(is(context.many)).sql(")");
            if context.hide_residence && tells_residence(test) {
                sql = hidden(sql, positive);
            }
            sql
        }
        Condition::Party { field, test } => party_test(field, test, context, positive),
        Condition::Text(words) => {
            let mut sql = text_condition(words, context.see_protected, context.today, context.many);
            if !context.see_protected && !positive {
                // That none of a protected party's words begins so would tell where it does not live.
                sql = hidden(sql, false);
            } else if context.hide_residence {
                // By whichever word of a property he is found.
                sql = hidden(sql, true);
            }
            sql
        }
        Condition::PartyIds(ids) => {
            let mut sql = Fragment::new("(p.party_id IN ");
            sql.list(ids.iter().copied()).sql(")");
            sql
        }
        Condition::ListMember(list_id) => {
            let mut sql = Fragment::new("(p.party_id IN (");
            push_list_members(&mut sql, *list_id);
            sql.sql(")").sql(is(context.many)).sql(")");
            sql
        }
    }
}

/// Who was put on a contact list.
pub(crate) fn push_list_members(sql: &mut Fragment, list_id: Uuid) {
    sql.sql("SELECT m.party_id FROM contact_list_member m WHERE m.list_id = ").bind(list_id);
}

fn conditions(children: &[Condition], context: Context<'_>, positive: bool) -> Vec<Fragment> {
    children.iter().map(|child| condition(child, context, positive)).collect()
}

fn party_test(field: &FieldOrAttribute<PartyField>, test: &Test, context: Context<'_>, positive: bool) -> Fragment {
    let mut sql = Fragment::new("(");
    push_party_test(&mut sql, field, test, context);
    if field.is_protected() && !context.see_protected {
        sql.sql(unknown_if_protected(positive));
    }
    sql.sql(")");
    sql
}

/// The test, unknown of protected parties.
fn hidden(test: Fragment, positive: bool) -> Fragment {
    let mut sql = Fragment::new("(");
    sql.append(test).sql(unknown_if_protected(positive)).sql(")");
    sql
}

fn tells_residence(test: &ContractTest) -> bool {
    test.fields.iter().any(|(field, _)| *field == ContractField::PropertyId)
}

fn unknown_if_protected(positive: bool) -> &'static str {
    if positive { " AND NOT p.address_protected" } else { " OR p.address_protected" }
}

/// Every word begins some word of the party, or of a property of an assignment valid today.
pub(crate) fn text_condition(words: &[String], see_protected: bool, today: NaiveDate, many: bool) -> Fragment {
    let one = |word: &String| {
        let mut sql = Fragment::new("(p.party_id IN (SELECT w.party_id FROM party_word w WHERE ");
        push_word_range(&mut sql, word);
        if !see_protected {
            sql.sql(" AND NOT w.hidden");
        }
        sql.sql(
            " UNION ALL SELECT r.party_id FROM property_word w JOIN role r ON r.property_id = w.property_id WHERE ",
        );
        push_word_range(&mut sql, word);
        sql.sql(" AND ");
        push_valid_on(&mut sql, today);
        sql.sql(")").sql(is(many)).sql(")");
        sql
    };
    join(words.iter().map(one).collect(), " AND ")
}
