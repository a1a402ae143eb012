//! How large a filter may be, and how much work: measured first, so that the check itself may recurse and list freely.

use super::input::{FieldTest, RecipientFilter};
use super::saved::{ListSource, Saved, SavedId};
use crate::invalid::FieldError;
use crate::text;

/// The deepest nesting, the filter itself included.
pub const MAX_DEPTH: usize = 24;
/// The most nodes.
pub const MAX_NODES: usize = 500;
/// The most values, role codes and party ids together.
pub const MAX_VALUES: usize = 10_000;
/// The most words in all the `text`s together; each is looked up by itself.
pub const MAX_ALL_WORDS: usize = 500;
/// The most work, in units of about what looking a condition up in an index takes: [`cost`].
pub const MAX_COST: usize = 2_000;

/// What every condition costs.
const ONE: usize = 1;
/// A word is looked up among those of parties and those of properties.
const WORD: usize = 3;
/// No index helps: every party, or every property, is looked at.
const SCAN: usize = 50;
/// Contracts are joined with roles.
const CONTRACT: usize = 20;

/// How the refusal of what is too much begins, when what is named makes it so.
const WITH_NAMED: &str = "With what is named here: ";

/// How much of a filter has been seen.
pub(super) struct Size<'a> {
    saved: &'a Saved,
    /// What is being looked into, the outermost first.
    within: Vec<SavedId>,
    nodes: usize,
    values: usize,
    words: usize,
    cost: usize,
}

impl<'a> Size<'a> {
    /// Of filters that may name these.
    pub(super) fn new(saved: &'a Saved) -> Self {
        Self { saved, within: saved.within.into_iter().collect(), nodes: 0, values: 0, words: 0, cost: 0 }
    }

    /// # Errors
    /// `filter_too_deep`, `filter_too_large`, `filter_too_costly` or `reference_cycle`.
    pub(super) fn measure(&mut self, filter: &RecipientFilter, pointer: &str, depth: usize) -> Result<(), FieldError> {
        if depth > MAX_DEPTH {
            let message = format!("A filter may be nested at most {MAX_DEPTH} levels deep.");
            return Err(FieldError::new(pointer, "filter_too_deep", message));
        }
        let words = filter.text.as_deref().map_or(0, |words| text::words(words).len());
        self.nodes += 1;
        self.values += values(filter);
        self.words += words;
        self.cost += cost(filter, words);
        let too_large = |message: String| Err(FieldError::new(pointer, "filter_too_large", message));
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
        if self.cost > MAX_COST {
            let message = format!(
                "The filter asks for too much work: use fewer `contains`, `service_language` and `contract` conditions, each \
                 of which costs {SCAN}, {SCAN} and {CONTRACT} of {MAX_COST}; one `in` does the work of many `eq`."
            );
            return Err(FieldError::new(pointer, "filter_too_costly", message));
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
}

/// How many values a node itself lists.
fn values(filter: &RecipientFilter) -> usize {
    let tests = [
        filter.role.as_ref().map(|role| &role.codes),
        filter.party.as_ref().and_then(|test| test.values.as_ref()),
        filter.property.as_ref().and_then(|test| test.values.as_ref()),
        filter.contract.as_ref().and_then(|test| test.values.as_ref()),
    ];
    tests.into_iter().flatten().map(Vec::len).sum::<usize>() + filter.party_ids.as_ref().map_or(0, Vec::len)
}

/// What a node itself costs.
fn cost(filter: &RecipientFilter, words: usize) -> usize {
    let scans = |field: &str, op: &str| if op == "contains" || field == "service_language" { SCAN } else { ONE };
    let of_party = filter.party.as_ref().map_or(0, |FieldTest { field, op, .. }| scans(field, op));
    let of_property = filter.property.as_ref().map_or(0, |test| scans(&test.field, &test.op));
    let of_contract = filter.contract.as_ref().map_or(0, |_| CONTRACT);
    ONE + of_party + of_property + of_contract + words * WORD
}
