//! Values set here over those of the ERP (RULES 7): which of the two holds, and what counts as a conflict.
//!
//! A value set here holds until the ERP's own value of that field changes. Then the ERP's holds, the local one is dropped,
//! and the two are a conflict, unless they say the same. Rows are looked at as JSON, so that one rule serves all kinds.

use chrono::DateTime;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What separates `attributes` from the name of one of the customer's own fields.
const WITHIN: char = '.';
/// The field whose members are set one by one.
const ATTRIBUTES: &str = "attributes";
/// Fields of which the first is never later than the second, whichever of them is local.
const IN_ORDER: [[&str; 2]; 3] = [["valid_from", "valid_to"], ["lent_at", "due_at"], ["lent_at", "returned_at"]];

/// The kinds of rows of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegisterKind {
    Party,
    Property,
    Contract,
    Role,
    KeyLoan,
    MoveInInspection,
}

impl RegisterKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Party, Self::Property, Self::Contract, Self::Role, Self::KeyLoan, Self::MoveInInspection];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Property => "property",
            Self::Contract => "contract",
            Self::Role => "role",
            Self::KeyLoan => "key_loan",
            Self::MoveInInspection => "move_in_inspection",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The fields that may be set here. What a row is, and what it refers to, is the ERP's alone.
    pub fn settable(self) -> &'static [&'static str] {
        match self {
            Self::Party => &[
                "kind",
                "name",
                "first_name",
                "last_name",
                "business_id",
                "language",
                "email",
                "email_marketing",
                "phone",
                "phone_marketing",
                "street",
                "postal_code",
                "city",
                "country",
                "address_protected",
                "deceased",
                "archived",
                ATTRIBUTES,
            ],
            Self::Property => &["kind", "code", "name", "street", "postal_code", "city", "country", ATTRIBUTES],
            Self::Contract => &["kind", "language", "valid_from", "valid_to", "points_enrolled", "points_enrolled_on"],
            Self::Role => &["role", "valid_from", "valid_to"],
            Self::KeyLoan => &["key_code", "description", "lent_at", "due_at", "returned_at"],
            Self::MoveInInspection => &["deadline", "answered_at", "link"],
        }
    }
}

/// A value set here.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalValue {
    /// The field, or `attributes.NAME` for one of the customer's own fields.
    pub field: String,
    /// The ERP's value when it was set; null for none.
    pub erp: Value,
    /// The value set; null for none.
    pub local: Value,
}

/// Whose value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Winner {
    /// The local one: the ERP still says what it said.
    Local,
    /// The ERP's, which has changed. The local value is dropped, and the two are a conflict.
    Erp,
    /// The ERP has changed to what was set here: nothing local is left, and nothing is lost.
    Both,
}

/// The rule, for one field.
pub fn winner(local: &LocalValue, erp_now: &Value) -> Winner {
    if *erp_now == local.erp {
        Winner::Local
    } else if *erp_now == local.local {
        Winner::Both
    } else {
        Winner::Erp
    }
}

/// A local value that the ERP has overruled.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    pub local: LocalValue,
    /// The ERP's new value, which holds.
    pub erp_now: Value,
}

/// A row of the ERP with the local values that hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled<T> {
    pub row: T,
    /// The fields whose local value is to be forgotten, those of conflicts included.
    pub dropped: Vec<String>,
    pub conflicts: Vec<Conflict>,
}

/// Puts the local values into the ERP's row where they hold.
///
/// # Errors
/// When a local value does not have the field's type, which was checked when it was set.
pub fn settle<T: Serialize + DeserializeOwned>(
    erp_row: &T,
    locals: &[LocalValue],
) -> Result<Settled<T>, serde_json::Error> {
    let erp = to_map(erp_row)?;
    let mut row = erp.clone();
    let (mut dropped, mut conflicts, mut held) = (Vec::new(), Vec::new(), Vec::new());
    for local in locals {
        let erp_now = get(&erp, &local.field);
        match winner(local, &erp_now) {
            Winner::Local => {
                set(&mut row, &local.field, local.local.clone());
                held.push(local);
            }
            Winner::Both => dropped.push(local.field.clone()),
            Winner::Erp => {
                dropped.push(local.field.clone());
                conflicts.push(Conflict { local: local.clone(), erp_now });
            }
        }
    }
    // The other one may have changed so that the two do not go together any more.
    for pair in IN_ORDER {
        if is_in_order(&row, pair) {
            continue;
        }
        let (yields, holds): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|local| pair.contains(&local.field.as_str()));
        for local in yields {
            let erp_now = get(&erp, &local.field);
            set(&mut row, &local.field, erp_now.clone());
            dropped.push(local.field.clone());
            conflicts.push(Conflict { local: local.clone(), erp_now });
        }
        held = holds;
    }
    Ok(Settled { row: serde_json::from_value(Value::Object(row))?, dropped, conflicts })
}

/// The row as the ERP has it, from the row as it is shown.
///
/// # Errors
/// As [`settle`].
pub fn without_locals<T: Serialize + DeserializeOwned>(row: &T, locals: &[LocalValue]) -> Result<T, serde_json::Error> {
    let mut erp = to_map(row)?;
    for local in locals {
        set(&mut erp, &local.field, local.erp.clone());
    }
    serde_json::from_value(Value::Object(erp))
}

/// The local values after a row was changed here from `before` to `after`; `locals` are those so far. A field that says what
/// the ERP says is not local.
///
/// # Errors
/// Never: rows are JSON.
pub fn set_here<T: Serialize>(
    kind: RegisterKind,
    locals: &[LocalValue],
    before: &T,
    after: &T,
) -> Result<Vec<LocalValue>, serde_json::Error> {
    let (before, after) = (to_map(before)?, to_map(after)?);
    let mut result = locals.to_vec();
    for field in fields(kind, &before, &after) {
        let (was, is) = (get(&before, &field), get(&after, &field));
        if was == is {
            continue;
        }
        let known = locals.iter().find(|local| local.field == field);
        let erp = known.map_or(was, |local| local.erp.clone());
        result.retain(|local| local.field != field);
        if is != erp {
            result.push(LocalValue { field, erp, local: is });
        }
    }
    Ok(result)
}

/// Every field that may differ between the two, the members of `attributes` one by one.
fn fields(kind: RegisterKind, before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for field in kind.settable() {
        if *field != ATTRIBUTES {
            fields.push((*field).to_owned());
            continue;
        }
        for row in [before, after] {
            let names = row.get(ATTRIBUTES).and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name);
            fields.extend(names.map(|name| format!("{ATTRIBUTES}{WITHIN}{name}")));
        }
    }
    fields.sort();
    fields.dedup();
    fields
}

fn to_map(row: &impl Serialize) -> Result<Map<String, Value>, serde_json::Error> {
    match serde_json::to_value(row)? {
        Value::Object(fields) => Ok(fields),
        other => Err(serde::ser::Error::custom(format!("a row is no {other}"))),
    }
}

fn get(row: &Map<String, Value>, field: &str) -> Value {
    let found = match field.split_once(WITHIN) {
        Some((outer, name)) => row.get(outer).and_then(|outer| outer.get(name)),
        None => row.get(field),
    };
    found.cloned().unwrap_or(Value::Null)
}

fn set(row: &mut Map<String, Value>, field: &str, value: Value) {
    let Some((outer, name)) = field.split_once(WITHIN) else {
        row.insert(field.to_owned(), value);
        return;
    };
    if let Value::Object(members) = row.entry(outer).or_insert_with(|| Value::Object(Map::new())) {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.to_owned(), value),
        };
    }
}

fn is_in_order(row: &Map<String, Value>, pair: [&str; 2]) -> bool {
    let [Some(from), Some(to)] = pair.map(|field| row.get(field).and_then(Value::as_str)) else { return true };
    match (DateTime::parse_from_rfc3339(from), DateTime::parse_from_rfc3339(to)) {
        (Ok(from), Ok(to)) => from <= to,
        // Days are written YYYY-MM-DD, which sorts as they do.
        _ => from <= to,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn local(field: &str, erp: Value, local: Value) -> LocalValue {
        LocalValue { field: field.to_owned(), erp, local }
    }

    #[test]
    fn a_local_value_holds_until_the_erp_says_something_new() {
        let set = local("email", json!("old@x.fi"), json!("here@x.fi"));
        for (erp_now, expected) in [
            (json!("old@x.fi"), Winner::Local),
            (json!("here@x.fi"), Winner::Both),
            (json!("new@x.fi"), Winner::Erp),
            (Value::Null, Winner::Erp),
        ] {
            assert_eq!(winner(&set, &erp_now), expected, "{erp_now}");
        }
        assert_eq!(winner(&local("email", Value::Null, json!("a")), &Value::Null), Winner::Local);
        assert_eq!(winner(&local("email", json!("a"), Value::Null), &json!("a")), Winner::Local);
    }

    #[test]
    fn what_holds_is_in_the_row_and_what_does_not_is_told() {
        let erp = json!({"name": "A", "email": "new", "phone": "2", "attributes": {"x": 1, "y": 2}});
        let locals = [
            local("name", json!("A"), json!("B")),
            local("email", json!("old"), json!("here")),
            local("phone", json!("1"), json!("2")),
            local("attributes.x", json!(1), Value::Null),
            local("attributes.z", Value::Null, json!("z")),
        ];
        let settled = settle(&erp, &locals).unwrap();
        assert_eq!(settled.row, json!({"name": "B", "email": "new", "phone": "2", "attributes": {"y": 2, "z": "z"}}));
        assert_eq!(settled.dropped, ["email", "phone"]);
        assert_eq!(settled.conflicts, [Conflict { local: locals[1].clone(), erp_now: json!("new") }]);
    }

    #[test]
    fn a_local_end_that_would_come_before_the_beginning_yields() {
        let locals = [local("valid_to", Value::Null, json!("2025-12-31"))];
        let kept = settle(&json!({"valid_from": "2025-01-01", "valid_to": null}), &locals).unwrap();
        assert_eq!(kept.row, json!({"valid_from": "2025-01-01", "valid_to": "2025-12-31"}));
        let moved = settle(&json!({"valid_from": "2026-01-01", "valid_to": null}), &locals).unwrap();
        assert_eq!(moved.row, json!({"valid_from": "2026-01-01", "valid_to": null}));
        assert_eq!((moved.dropped.len(), moved.conflicts.len()), (1, 1));
    }

    #[test]
    fn a_loan_stays_in_order_to_a_fraction_of_a_second() {
        let due = local("due_at", json!("2026-11-30T16:00:00Z"), json!("2026-11-10T16:00:00.5Z"));
        let loan = |lent_at| json!({"lent_at": lent_at, "due_at": "2026-11-30T16:00:00Z", "returned_at": null});
        let kept = settle(&loan("2026-11-10T16:00:00Z"), std::slice::from_ref(&due)).unwrap();
        assert_eq!((kept.row["due_at"].as_str(), kept.conflicts.len()), (Some("2026-11-10T16:00:00.5Z"), 0));
        let moved = settle(&loan("2026-11-20T16:00:00Z"), &[due]).unwrap();
        assert_eq!((moved.row["due_at"].as_str(), moved.dropped.len()), (Some("2026-11-30T16:00:00Z"), 1));
        let here = local("lent_at", json!("2026-11-10T16:00:00Z"), json!("2026-11-12T16:00:00Z"));
        let erp = json!({"lent_at": "2026-11-10T16:00:00Z", "due_at": "2026-11-30T16:00:00Z", "returned_at": "2026-11-11T16:00:00Z"});
        let returned = settle(&erp, &[here]).unwrap();
        assert_eq!((returned.row, returned.conflicts.len()), (erp, 1), "returned before it was lent");
    }

    #[test]
    fn setting_a_field_remembers_what_the_erp_says_and_setting_it_back_forgets() {
        let before = json!({"name": "A", "email": "erp", "attributes": {"x": 1}});
        let after = json!({"name": "A", "email": "here", "attributes": {"x": 1, "y": 2}});
        let locals = set_here(RegisterKind::Party, &[], &before, &after).unwrap();
        let expected = [local("attributes.y", Value::Null, json!(2)), local("email", json!("erp"), json!("here"))];
        assert_eq!(locals, expected);
        assert_eq!(without_locals(&after, &locals).unwrap(), before);
        let again = json!({"name": "A", "email": "again", "attributes": {"x": 1, "y": 2}});
        let changed = set_here(RegisterKind::Party, &locals, &after, &again).unwrap();
        assert!(changed.contains(&local("email", json!("erp"), json!("again"))), "{changed:?}");
        assert_eq!(set_here(RegisterKind::Party, &locals, &after, &before).unwrap(), []);
    }

    #[test]
    fn what_the_erp_alone_decides_is_not_set_here() {
        for (kind, field) in [
            (RegisterKind::Property, "parent_id"),
            (RegisterKind::Contract, "property_id"),
            (RegisterKind::Role, "contract_id"),
        ] {
            assert!(!kind.settable().contains(&field), "{field}");
            assert_eq!(RegisterKind::parse(kind.as_str()), Some(kind));
        }
    }
}
