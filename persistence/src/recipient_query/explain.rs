//! Why a filter finds so many, and why it finds one person or not.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Bool};
use diesel::{QueryableByName, RunQueryDsl};
use domain::recipient_query::{AssignmentTest, Condition, ExplainedNode};
use domain::register::PartyId;

use super::assignments::push_assignments;
use super::compile::{self, Context};
use super::search::RecipientSearch;
use crate::connection::AnyConnection;
use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;

/// How many a node matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explained {
    /// By itself.
    pub alone: i64,
    /// Together with those before it, of the children of the topmost `all`.
    pub remaining: Option<i64>,
}

/// Counts what explains the search: node by node. `matched` is how many the whole search matches, which has been counted.
///
/// # Errors
/// A failure of the database.
pub fn explain(
    reader: &mut Reader<'_>,
    search: &RecipientSearch,
    nodes: &[ExplainedNode],
    matched: i64,
) -> StoreResult<Vec<Explained>> {
    // The same question comes up often: the whole filter is also what remains after its last condition.
    let mut counts: HashMap<&Condition, i64> = HashMap::from([(essence(&search.condition), matched)]);
    let asked = nodes.iter().flat_map(|node| [Some(&node.alone), node.remaining.as_ref()]).flatten();
    let mut open: Vec<&Condition> = Vec::new();
    for condition in asked.map(essence) {
        if !counts.contains_key(condition) && !open.contains(&condition) {
            open.push(condition);
        }
    }
    for condition in open {
        counts.insert(condition, count_of(reader, search, condition)?);
    }
    let count = |condition: &Condition| counts.get(essence(condition)).copied().unwrap_or_default();
    let explained =
        nodes.iter().map(|node| Explained { alone: count(&node.alone), remaining: node.remaining.as_ref().map(count) });
    Ok(explained.collect())
}

/// An `all` or `any` of one condition means that condition.
fn essence(condition: &Condition) -> &Condition {
    match condition {
        Condition::All(children) | Condition::Any(children) => match children.as_slice() {
            [only] => essence(only),
            _ => condition,
        },
        _ => condition,
    }
}

fn count_of(reader: &mut Reader<'_>, search: &RecipientSearch, condition: &Condition) -> StoreResult<i64> {
    match condition {
        // Roles alone tell it, but for the few who are not to be found.
        Condition::Assignment(test) if test.contract.is_none() => count_holders(reader, search, test),
        Condition::Party { field, .. } if search.see_protected || !field.is_protected() => {
            // An index may count everyone, the few included.
            let test = || compile::condition(condition, search.context(), true);
            let mut all = Fragment::new("SELECT COUNT(*) AS count FROM party p WHERE ");
            all.append(test());
            let mut out = Fragment::new("SELECT COUNT(*) AS count FROM party p WHERE ");
            search.push_out(&mut out);
            // The few are looked at one by one, not looked up.
            out.sql(" AND ").append(test()).sql(" IS TRUE");
            Ok(counted(reader, all)? - counted(reader, out)?)
        }
        _ => {
            let mut sql = Fragment::new("SELECT COUNT(*) AS count FROM party p WHERE ");
            search.push_matching_condition(&mut sql, condition);
            counted(reader, sql)
        }
    }
}

fn count_holders(reader: &mut Reader<'_>, search: &RecipientSearch, test: &AssignmentTest) -> StoreResult<i64> {
    let holders = |select, among| {
        let mut sql = Fragment::default();
        push_assignments(&mut sql, select, test, search.context().many, None);
        sql.sql(among);
        search.push_out(&mut sql);
        sql.sql(")");
        sql
    };
    let not_out = " AND r.party_id NOT IN (SELECT p.party_id FROM party p WHERE ";
    if !test.properties.is_empty() {
        // As a sum, of which no index has the order: else SQLite would go through all holders, not through the properties.
        return counted(reader, holders("SELECT COUNT(DISTINCT r.party_id + 0) AS count", not_out));
    }
    let select = "SELECT COUNT(DISTINCT r.party_id) AS count";
    match &*reader.conn {
        AnyConnection::Postgresql(_) => counted(reader, holders(select, not_out)),
        // To ask each of the many takes SQLite twice as long as to count the few by themselves; PostgreSQL the other way round.
        AnyConnection::Sqlite(_) => {
            let mut all = Fragment::default();
            push_assignments(&mut all, select, test, search.context().many, None);
            let out = holders(select, " AND r.party_id IN (SELECT p.party_id FROM party p WHERE ");
            Ok(counted(reader, all)? - counted(reader, out)?)
        }
    }
}

fn counted(reader: &mut Reader<'_>, sql: Fragment) -> StoreResult<i64> {
    Ok(sql.one_off().load::<CountRow>(reader.conn)?.into_iter().map(|row| row.count).sum())
}

/// Whether anybody matches the condition, asked in the place of the search's own.
///
/// # Errors
/// A failure of the database.
pub fn anyone(reader: &mut Reader<'_>, search: &RecipientSearch, condition: &Condition) -> StoreResult<bool> {
    let mut sql = Fragment::new("SELECT EXISTS (SELECT 1 FROM party p WHERE ");
    search.push_matching_condition(&mut sql, condition);
    sql.sql(") AS found");
    Ok(sql.one_off().load::<AnyRow>(reader.conn)?.into_iter().any(|row| row.found))
}

/// Whether a condition is true of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    True,
    False,
    /// The answer would tell where a protected person lives, or how to call it.
    Hidden,
}

/// Whether each of these conditions is true of the person, archived or not. Without the right to see protected parties, what
/// would tell where one of them lives is hidden; more than in a search, which does not say of whom it speaks.
///
/// # Errors
/// A failure of the database.
pub fn truths(
    reader: &mut Reader<'_>,
    search: &RecipientSearch,
    party_id: PartyId,
    conditions: &[&Condition],
) -> StoreResult<Vec<Truth>> {
    let mut sql = Fragment::default();
    for (number, condition) in (0_i64..).zip(conditions) {
        let many = compile::many(compile::sets(condition));
        let context = Context { hide_residence: !search.see_protected, many, ..search.context() };
        sql.sql(if number > 0 { " UNION ALL SELECT CAST(" } else { "SELECT CAST(" }).bind(number);
        sql.sql(" AS BIGINT) AS number, ").append(compile::condition(condition, context, true));
        sql.sql(" IS TRUE AS certain, ").append(compile::condition(condition, context, false));
        sql.sql(" IS TRUE AS possible FROM party p WHERE p.party_id = ").bind(party_id);
    }
    if conditions.is_empty() {
        return Ok(Vec::new());
    }
    sql.sql(" ORDER BY 1");
    let truth = |row: TruthRow| match (row.certain, row.possible) {
        (true, _) => Truth::True,
        (false, true) => Truth::Hidden,
        (false, false) => Truth::False,
    };
    Ok(sql.one_off().load::<TruthRow>(reader.conn)?.into_iter().map(truth).collect())
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct AnyRow {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[derive(QueryableByName)]
struct TruthRow {
    #[diesel(sql_type = BigInt)]
    #[diesel(column_name = "number")]
    _number: i64,
    #[diesel(sql_type = Bool)]
    certain: bool,
    #[diesel(sql_type = Bool)]
    possible: bool,
}
