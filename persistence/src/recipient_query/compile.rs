//! Conditions as SQL over `party p`.
//!
//! A condition on a protected party's own address or phone is *unknown* to a caller who may not see it: it leaves the party
//! out whether it is negated or not. `not` compiles to `IS NOT TRUE`, so the unknown must turn false below an even number of
//! negations and true below an odd one: that is what `positive` carries downwards.

use chrono::NaiveDate;
use domain::recipient_query::{Condition, PartyField, Test};

use super::assignments::{push_assignment_parties, push_valid_on, push_word_range};
use super::party_fields::push_party_test;
use crate::fragment::Fragment;

/// What the compilation of a condition depends on.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub today: NaiveDate,
    pub default_language: &'a str,
    pub see_protected: bool,
}

/// The condition as a boolean SQL expression.
pub(crate) fn condition(condition: &Condition, context: Context<'_>, positive: bool) -> Fragment {
    match condition {
        Condition::All(children) => join(children, " AND ", context, positive),
        Condition::Any(children) => join(children, " OR ", context, positive),
        Condition::Not(child) => {
            let mut sql = Fragment::new("(");
            sql.append(self::condition(child, context, !positive)).sql(" IS NOT TRUE)");
            sql
        }
        Condition::Assignment(test) => {
            let mut sql = Fragment::new("(p.party_id IN (SELECT r.party_id FROM role r WHERE ");
            push_assignment_parties(&mut sql, test);
            sql.sql("))");
            sql
        }
        Condition::Party { field, test } => party_test(*field, test, context, positive),
        Condition::Text(words) => text_condition(words, context.see_protected, positive, context.today),
        Condition::PartyIds(ids) => {
            let mut sql = Fragment::new("(p.party_id IN ");
            sql.list(ids.iter().copied()).sql(")");
            sql
        }
    }
}

fn join(children: &[Condition], operator: &'static str, context: Context<'_>, positive: bool) -> Fragment {
    let mut sql = Fragment::new("(");
    for (number, child) in children.iter().enumerate() {
        if number > 0 {
            sql.sql(operator);
        }
        sql.append(condition(child, context, positive));
    }
    sql.sql(")");
    sql
}

fn party_test(field: PartyField, test: &Test, context: Context<'_>, positive: bool) -> Fragment {
    let mut sql = Fragment::new("(");
    push_party_test(&mut sql, field, test, context);
    if field.is_protected() && !context.see_protected {
        sql.sql(unknown_if_protected(positive));
    }
    sql.sql(")");
    sql
}

fn unknown_if_protected(positive: bool) -> &'static str {
    if positive { " AND NOT p.address_protected" } else { " OR p.address_protected" }
}

/// Every word begins some word of the party, or of a property of an assignment valid today.
pub(crate) fn text_condition(words: &[String], see_protected: bool, positive: bool, today: NaiveDate) -> Fragment {
    let mut sql = Fragment::new("(");
    for (number, word) in words.iter().enumerate() {
        sql.sql(if number > 0 { " AND " } else { "" });
        sql.sql("(p.party_id IN (SELECT w.party_id FROM party_word w WHERE ");
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
        sql.sql("))");
    }
    if !see_protected && !positive {
        sql.sql(unknown_if_protected(false));
    }
    sql.sql(")");
    sql
}
