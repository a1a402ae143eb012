//! The check of a filter: what it may not say, and what it means.

use chrono::NaiveDate;

use super::fields::{PartyField, PropertyField};
use super::input::{FieldTest, PropertyTest, RecipientFilter, RoleTest};
use super::operand::{MAX_VALUE, Written, is_usable};
use super::saved::{ListSource, Saved, SavedId};
use super::{AssignmentTest, Condition, PropertySelection, dates};
use crate::invalid::{Checked, FieldError};
use crate::register::MAX_ID;
use crate::text;

/// The deepest nesting, the filter itself included.
pub const MAX_DEPTH: usize = 24;
/// The most nodes.
pub const MAX_NODES: usize = 500;
/// The most values, role codes and party ids together.
pub const MAX_VALUES: usize = 10_000;
/// The most words in one `text`.
pub const MAX_WORDS: usize = 20;
/// The most words in all the `text`s together; each is looked up by itself.
pub const MAX_ALL_WORDS: usize = 500;
/// How the refusal of what is too much begins, when what is named makes it so.
const WITH_NAMED: &str = "With what is named here: ";
/// The most refusals listed; who repairs these sees the rest.
const MAX_ERRORS: usize = 100;

/// Checks `filter`, which stands at `pointer` of the request body (empty for the body itself), and gives its meaning on the
/// day `today`. `saved` has what it names; sizes and depths are those of the filter with all of that in its place.
///
/// # Errors
/// Every fault with its pointer, the first hundred: `exactly_one_key`, `two_roles_in_one_all`, `unknown_field`,
/// `unknown_operator`, `operator_not_allowed`, `value_required`, `value_not_allowed`, `invalid_value`, `empty_list`,
/// `unknown_query`, `unknown_list`, `query_not_usable`; or alone `filter_too_deep`, `filter_too_large` or `reference_cycle`.
pub fn check(filter: &RecipientFilter, pointer: &str, today: NaiveDate, saved: &Saved) -> Checked<Condition> {
    Size::new(saved).measure(filter, pointer, 1).map_err(|error| vec![error])?;
    let mut checker = Checker { today, saved, errors: Vec::new() };
    match checker.node(filter, pointer) {
        Some(condition) if checker.errors.is_empty() => Ok(condition),
        _ => {
            checker.errors.truncate(MAX_ERRORS);
            Err(checker.errors)
        }
    }
}

/// How much of a filter has been seen. Measured first, so that the check itself may recurse and list freely.
struct Size<'a> {
    saved: &'a Saved,
    /// What is being looked into, the outermost first.
    within: Vec<SavedId>,
    nodes: usize,
    values: usize,
    words: usize,
}

impl<'a> Size<'a> {
    fn new(saved: &'a Saved) -> Self {
        Self { saved, within: saved.within.into_iter().collect(), nodes: 0, values: 0, words: 0 }
    }

    /// What is named counts as if it stood there, one level deeper.
    fn measure_saved(&mut self, id: SavedId, pointer: &str, depth: usize) -> Result<(), FieldError> {
        if self.within.contains(&id) {
            let message = "This goes round in a circle: what is named here names, in the end, itself.";
            return Err(FieldError::new(pointer, "reference_cycle", message));
        }
        let saved = self.saved;
        self.within.push(id);
        let measured = match id {
            SavedId::List(list_id) => match saved.lists.get(&list_id) {
                Some(ListSource::Query(query_id)) => self.measure_saved(SavedId::Query(*query_id), pointer, depth),
                Some(ListSource::Members) | None => Ok(()),
            },
            SavedId::Query(query_id) => match saved.queries.get(&query_id) {
                Some(filter) => self.measure(filter, pointer, depth + 1).map_err(|error| FieldError {
                    pointer: pointer.to_owned(),
                    message: match error.message.starts_with(WITH_NAMED) {
                        true => error.message,
                        false => format!("{WITH_NAMED}{}", error.message),
                    },
                    ..error
                }),
                None => Ok(()),
            },
        };
        self.within.pop();
        measured
    }

    fn measure(&mut self, filter: &RecipientFilter, pointer: &str, depth: usize) -> Result<(), FieldError> {
        let too_large = |message: String| Err(FieldError::new(pointer, "filter_too_large", message));
        if depth > MAX_DEPTH {
            let message = format!("A filter may be nested at most {MAX_DEPTH} levels deep.");
            return Err(FieldError::new(pointer, "filter_too_deep", message));
        }
        self.nodes += 1;
        self.values += filter.role.as_ref().map_or(0, |role| role.codes.len())
            + filter.party.as_ref().and_then(|test| test.values.as_ref()).map_or(0, Vec::len)
            + filter.property.as_ref().and_then(|test| test.values.as_ref()).map_or(0, Vec::len)
            + filter.party_ids.as_ref().map_or(0, Vec::len);
        self.words += filter.text.as_deref().map_or(0, |words| text::words(words).len());
        if self.words > MAX_ALL_WORDS {
            return too_large(format!("A filter may have at most {MAX_ALL_WORDS} words of text together."));
        }
        if self.nodes > MAX_NODES {
            return too_large(format!("A filter may have at most {MAX_NODES} nodes."));
        }
        if self.values > MAX_VALUES {
            return too_large(format!(
                "A filter may list at most {MAX_VALUES} values, role codes and party ids together."
            ));
        }
        for (key, children) in [("all", &filter.all), ("any", &filter.any)] {
            for (at, child) in children.iter().flatten().enumerate() {
                self.measure(child, &format!("{pointer}/{key}/{at}"), depth + 1)?;
            }
        }
        filter.not.iter().try_for_each(|child| self.measure(child, &format!("{pointer}/not"), depth + 1))?;
        match filter.saved_id() {
            Some(_) if self.saved.incomplete => too_large(format!("A filter may have at most {MAX_NODES} nodes.")),
            Some(id) => self.measure_saved(id, &format!("{pointer}/{}", id.key()), depth),
            None => Ok(()),
        }
    }
}

struct Checker<'a> {
    today: NaiveDate,
    saved: &'a Saved,
    errors: Vec<FieldError>,
}

impl Checker<'_> {
    fn refuse<T>(&mut self, pointer: String, code: &'static str, message: impl Into<String>) -> Option<T> {
        self.errors.push(FieldError::new(pointer, code, message));
        None
    }

    /// The meaning of a node, or `None` with what is wrong among the errors.
    fn node(&mut self, filter: &RecipientFilter, pointer: &str) -> Option<Condition> {
        let RecipientFilter { all, any, not, role, party, property, text, party_ids, list_id, query_id } = filter;
        let keys = [
            all.is_some(),
            any.is_some(),
            not.is_some(),
            role.is_some(),
            party.is_some(),
            property.is_some(),
            text.is_some(),
            party_ids.is_some(),
            list_id.is_some(),
            query_id.is_some(),
        ];
        if keys.into_iter().filter(|set| *set).count() != 1 {
            let message =
                "Set exactly one of: all, any, not, role, party, property, text, party_ids, list_id, query_id.";
            return self.refuse(pointer.to_owned(), "exactly_one_key", message);
        }
        if let Some(children) = all {
            self.all(children, &format!("{pointer}/all"))
        } else if let Some(children) = any {
            let children = self.children(children, &format!("{pointer}/any"))?;
            children.into_iter().collect::<Option<_>>().map(Condition::Any)
        } else if let Some(child) = not {
            self.node(child, &format!("{pointer}/not")).map(|child| Condition::Not(Box::new(child)))
        } else if let Some(role) = role {
            self.role(role, &format!("{pointer}/role")).map(Condition::Assignment)
        } else if let Some(test) = party {
            self.party(test, &format!("{pointer}/party"))
        } else if let Some(test) = property {
            self.property(test, &format!("{pointer}/property")).map(Condition::Assignment)
        } else if let Some(text) = text {
            self.text(text, format!("{pointer}/text"))
        } else if let Some(id) = filter.saved_id() {
            self.saved(id, format!("{pointer}/{}", id.key()))
        } else {
            self.party_ids(party_ids.as_deref().unwrap_or_default(), &format!("{pointer}/party_ids"))
        }
    }

    fn children(&mut self, children: &[RecipientFilter], pointer: &str) -> Option<Vec<Option<Condition>>> {
        if children.is_empty() {
            return self.refuse(pointer.to_owned(), "empty_list", "Write at least one condition.");
        }
        Some(children.iter().enumerate().map(|(at, child)| self.node(child, &format!("{pointer}/{at}"))).collect())
    }

    /// Role and property conditions directly in an `all` become one test of one assignment, where the first of them stood.
    fn all(&mut self, children: &[RecipientFilter], pointer: &str) -> Option<Condition> {
        for (at, _) in children.iter().enumerate().filter(|(_, child)| child.role.is_some()).skip(1) {
            let message =
                "Conditions directly in one `all` speak of one and the same role: put each into an `all` of its own.";
            self.errors.push(FieldError::new(format!("{pointer}/{at}/role"), "two_roles_in_one_all", message));
        }
        let mut conditions = Vec::with_capacity(children.len());
        let mut joined: Option<(usize, AssignmentTest)> = None;
        let read = self.children(children, pointer)?.into_iter().collect::<Option<Vec<_>>>()?;
        for (child, written) in read.into_iter().zip(children) {
            match (child, &mut joined) {
                // What is saved elsewhere speaks of a role of its own.
                (Condition::Assignment(test), _) if written.saved_id().is_some() => {
                    conditions.push(Condition::All(vec![Condition::Assignment(test)]));
                }
                (Condition::Assignment(test), None) => joined = Some((conditions.len(), test)),
                (Condition::Assignment(test), Some((_, joined))) => {
                    if test.roles.is_some() {
                        joined.roles = test.roles;
                        joined.on = test.on;
                    }
                    joined.properties.extend(test.properties);
                }
                (condition, _) => conditions.push(condition),
            }
        }
        if let Some((at, test)) = joined {
            conditions.insert(at, Condition::Assignment(test));
        }
        Some(Condition::All(conditions))
    }

    fn role(&mut self, role: &RoleTest, pointer: &str) -> Option<AssignmentTest> {
        let on = match role.on.as_deref() {
            None => Some(self.today),
            Some(on) => dates::read(on, self.today).or_else(|| {
                let message = "Must be a day: `2026-11-30`, `today`, or for instance `today-30d`.";
                self.refuse(format!("{pointer}/on"), "invalid_value", message)
            }),
        };
        if role.codes.is_empty() {
            return self.refuse(format!("{pointer}/codes"), "empty_list", "Name at least one role code.");
        }
        let mut roles = Vec::with_capacity(role.codes.len());
        for (at, code) in role.codes.iter().enumerate() {
            if is_usable(code) {
                roles.push(code.trim().to_owned());
            } else {
                self.refuse::<()>(format!("{pointer}/codes/{at}"), "invalid_value", "Must be a role code.");
            }
        }
        if roles.len() != role.codes.len() {
            return None;
        }
        roles.sort_unstable();
        roles.dedup();
        Some(AssignmentTest { roles: Some(roles), on: on?, properties: Vec::new() })
    }

    fn party(&mut self, test: &FieldTest, pointer: &str) -> Option<Condition> {
        let FieldTest { field, op, value, values } = test;
        let Some(field) = PartyField::parse(field) else {
            return self.unknown_field(pointer, PartyField::ALL.map(PartyField::as_str).as_slice());
        };
        let written = Written { op, value: value.as_deref(), values: values.as_deref(), pointer };
        written.read(field.field_type(), &mut self.errors).map(|test| Condition::Party { field, test })
    }

    fn property(&mut self, test: &PropertyTest, pointer: &str) -> Option<AssignmentTest> {
        let PropertyTest { field, op, value, values, include_descendants } = test;
        let Some(field) = PropertyField::parse(field) else {
            return self.unknown_field(pointer, PropertyField::ALL.map(PropertyField::as_str).as_slice());
        };
        let written = Written { op, value: value.as_deref(), values: values.as_deref(), pointer };
        let test = written.read(field.field_type(), &mut self.errors)?;
        let include_descendants = include_descendants.unwrap_or(true);
        let selection = PropertySelection { field, test, include_descendants };
        Some(AssignmentTest { roles: None, on: self.today, properties: vec![selection] })
    }

    fn unknown_field<T>(&mut self, pointer: &str, known: &[&str]) -> Option<T> {
        let message = format!("There is no such field; use one of: {}.", known.join(", "));
        self.refuse(format!("{pointer}/field"), "unknown_field", message)
    }

    fn text(&mut self, text: &str, pointer: String) -> Option<Condition> {
        let words = if is_usable(text) { text::words(text) } else { Vec::new() };
        if words.is_empty() {
            let message = format!("Must have a letter or a digit, and at most {MAX_VALUE} characters.");
            return self.refuse(pointer, "invalid_value", message);
        }
        if words.len() > MAX_WORDS {
            return self.refuse(pointer, "filter_too_large", format!("A text may have at most {MAX_WORDS} words."));
        }
        Some(Condition::Text(words))
    }

    fn saved(&mut self, id: SavedId, pointer: String) -> Option<Condition> {
        let saved = self.saved;
        match id {
            SavedId::List(list_id) => match saved.lists.get(&list_id) {
                Some(ListSource::Members) => Some(Condition::ListMember(list_id)),
                Some(ListSource::Query(query_id)) => self.saved(SavedId::Query(*query_id), pointer),
                None => self.refuse(pointer, "unknown_list", "There is no contact list with this id."),
            },
            SavedId::Query(query_id) => {
                let Some(filter) = saved.queries.get(&query_id) else {
                    return self.refuse(pointer, "unknown_query", "There is no saved query with this id.");
                };
                let before = self.errors.len();
                let meaning = self.node(filter, &pointer);
                // What is wrong with it stands nowhere in this request.
                let Some(fault) = self.errors.get(before) else { return meaning };
                let message = format!("The saved query cannot be used any more, mend it first: {}", fault.message);
                self.errors.truncate(before);
                self.refuse(pointer, "query_not_usable", message)
            }
        }
    }

    fn party_ids(&mut self, ids: &[i64], pointer: &str) -> Option<Condition> {
        if ids.is_empty() {
            return self.refuse(pointer.to_owned(), "empty_list", "Name at least one party.");
        }
        let bad: Vec<_> = ids.iter().enumerate().filter(|(_, id)| !(1..=MAX_ID).contains(*id)).collect();
        if bad.is_empty() {
            let mut ids = ids.to_vec();
            ids.sort_unstable();
            ids.dedup();
            return Some(Condition::PartyIds(ids));
        }
        for (at, _) in bad {
            self.refuse::<()>(format!("{pointer}/{at}"), "invalid_value", "Must be a party id, 1 to 2^53 − 1.");
        }
        None
    }
}

#[cfg(test)]
mod saved_tests;
#[cfg(test)]
mod tests;
