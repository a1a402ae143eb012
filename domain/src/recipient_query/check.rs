//! The check of a filter: what it may not say, and what it means.

use chrono::NaiveDate;

use super::fields::{ContractField, FieldType, PartyField, PropertyField};
use super::input::{FieldTest, PropertyTest, RecipientFilter, RoleTest};
use super::operand::{MAX_VALUE, Written, is_usable};
use super::saved::{ListSource, Saved, SavedId};
use super::searched::searched_words;
use super::size::Size;
pub use super::size::{MAX_ALL_WORDS, MAX_COST, MAX_DEPTH, MAX_NODES, MAX_VALUES};
use super::{AssignmentTest, Condition, ContractTest, FieldOrAttribute, PropertySelection, Test, dates};
use crate::attribute::{AttributeRegister, Attributes};
use crate::invalid::{Checked, FieldError};
use crate::register::MAX_ID;

/// The most words in one `text`.
pub const MAX_WORDS: usize = 20;
/// The most refusals listed; who repairs these sees the rest.
const MAX_ERRORS: usize = 100;

/// What stands before the name of one of the customer's own fields.
pub(super) const ATTRIBUTES: &str = "attributes.";

/// What a filter is checked against.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The day of `today`.
    pub today: NaiveDate,
    /// The customer's own fields that may be asked for.
    pub attributes: Attributes,
    /// What it names.
    pub saved: Saved,
}

impl Known {
    /// On this day, in a register without fields of the customer's own, and naming nothing.
    pub fn on(today: NaiveDate) -> Self {
        Self { today, ..Self::default() }
    }
}

/// Checks `filter`, which stands at `pointer` of the request body (empty for the body itself), and gives its meaning. Sizes and
/// depths are those of the filter with all that it names in its place.
///
/// # Errors
/// Every fault with its pointer, the first hundred: `exactly_one_key`, `two_roles_in_one_all`, `unknown_field`,
/// `unknown_value`, `operator_not_allowed`, `value_required`, `value_not_allowed`, `invalid_value`, `empty_list`,
/// `unknown_query`, `unknown_list`, `query_not_usable`; or alone `filter_too_deep`, `filter_too_large`, `filter_too_costly` or
/// `reference_cycle`.
pub fn check(filter: &RecipientFilter, pointer: &str, known: &Known) -> Checked<Condition> {
    Size::new(&known.saved).measure(filter, pointer, 1).map_err(|error| vec![error])?;
    let mut checker = Checker { known, errors: Vec::new() };
    match checker.node(filter, pointer) {
        Some(condition) if checker.errors.is_empty() => Ok(condition),
        _ => {
            checker.errors.truncate(MAX_ERRORS);
            Err(checker.errors)
        }
    }
}

struct Checker<'a> {
    known: &'a Known,
    errors: Vec<FieldError>,
}

impl Checker<'_> {
    fn refuse<T>(&mut self, pointer: String, code: &'static str, message: impl Into<String>) -> Option<T> {
        self.errors.push(FieldError::new(pointer, code, message));
        None
    }

    /// The meaning of a node, or `None` with what is wrong among the errors.
    fn node(&mut self, filter: &RecipientFilter, pointer: &str) -> Option<Condition> {
        let RecipientFilter { all, any, not, role, party, property, contract, text, party_ids, list_id, query_id } =
            filter;
        let keys = [
            all.is_some(),
            any.is_some(),
            not.is_some(),
            role.is_some(),
            party.is_some(),
            property.is_some(),
            contract.is_some(),
            text.is_some(),
            party_ids.is_some(),
            list_id.is_some(),
            query_id.is_some(),
        ];
        if keys.into_iter().filter(|set| *set).count() != 1 {
            let message = "Set exactly one of: all, any, not, role, party, property, contract, text, party_ids, list_id, query_id.";
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
        } else if let Some(test) = contract {
            self.contract(test, &format!("{pointer}/contract")).map(Condition::Contract)
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

    /// Role, property and contract conditions directly in an `all` become one test of one assignment, where the first of them
    /// stood; contract conditions alone one test of one contract.
    fn all(&mut self, children: &[RecipientFilter], pointer: &str) -> Option<Condition> {
        for (at, _) in children.iter().enumerate().filter(|(_, child)| child.role.is_some()).skip(1) {
            let message =
                "Conditions directly in one `all` speak of one and the same role: put each into an `all` of its own.";
            self.errors.push(FieldError::new(format!("{pointer}/{at}/role"), "two_roles_in_one_all", message));
        }
        let mut conditions = Vec::with_capacity(children.len());
        let mut place = None;
        let (mut assignment, mut contract): (Option<AssignmentTest>, Option<ContractTest>) = (None, None);
        let read = self.children(children, pointer)?.into_iter().collect::<Option<Vec<_>>>()?;
        for (child, written) in read.into_iter().zip(children) {
            match child {
                // What is saved elsewhere speaks of a role, or of a contract, of its own.
                Condition::Assignment(_) | Condition::Contract(_) if written.saved_id().is_some() => {
                    conditions.push(Condition::All(vec![child]));
                }
                Condition::Assignment(test) => {
                    place.get_or_insert(conditions.len());
                    assignment = Some(join_assignments(assignment, test));
                }
                Condition::Contract(test) => {
                    place.get_or_insert(conditions.len());
                    contract = Some(join_contracts(contract, test));
                }
                condition => conditions.push(condition),
            }
        }
        let joined = match (assignment, contract) {
            (Some(mut assignment), contract) => {
                let on = assignment.on;
                assignment.contract = contract.map(|test| ContractTest { on: test.on.map(|_| on), ..test });
                Some(Condition::Assignment(assignment))
            }
            (None, contract) => contract.map(Condition::Contract),
        };
        if let Some((place, joined)) = place.zip(joined) {
            conditions.insert(place, joined);
        }
        Some(Condition::All(conditions))
    }

    fn role(&mut self, role: &RoleTest, pointer: &str) -> Option<AssignmentTest> {
        let on = match role.on.as_deref() {
            None => Some(self.known.today),
            Some(on) => dates::read(on, self.known.today).or_else(|| {
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
        Some(AssignmentTest { roles: Some(roles), on: on?, properties: Vec::new(), contract: None })
    }

    fn party(&mut self, test: &FieldTest, pointer: &str) -> Option<Condition> {
        let of_register = |name: &str| PartyField::parse(name).map(|field| (field, field.field_type()));
        let names = PartyField::ALL.map(PartyField::as_str);
        let (field, field_type) = self.field(&test.field, of_register, AttributeRegister::Party, &names, pointer)?;
        self.test(test, field_type, pointer).map(|test| Condition::Party { field, test })
    }

    fn property(&mut self, test: &PropertyTest, pointer: &str) -> Option<AssignmentTest> {
        let PropertyTest { field, op, value, values, include_descendants } = test;
        let of_register = |name: &str| PropertyField::parse(name).map(|field| (field, field.field_type()));
        let names = PropertyField::ALL.map(PropertyField::as_str);
        let (field, field_type) = self.field(field, of_register, AttributeRegister::Property, &names, pointer)?;
        let today = self.known.today;
        let written = Written { op, value: value.as_deref(), values: values.as_deref(), pointer, today };
        let test = written.read(field_type, &mut self.errors)?;
        let include_descendants = include_descendants.unwrap_or(true);
        let selection = PropertySelection { field, test, include_descendants };
        Some(AssignmentTest { roles: None, on: today, properties: vec![selection], contract: None })
    }

    fn contract(&mut self, test: &FieldTest, pointer: &str) -> Option<ContractTest> {
        let Some(field) = ContractField::parse(&test.field) else {
            return self.unknown_field(pointer, ContractField::ALL.map(ContractField::as_str).as_slice());
        };
        let today = self.known.today;
        let on = (!field.is_validity()).then_some(today);
        self.test(test, field.field_type(), pointer).map(|test| ContractTest { on, fields: vec![(field, test)] })
    }

    fn test(&mut self, test: &FieldTest, field_type: FieldType, pointer: &str) -> Option<Test> {
        let FieldTest { field: _, op, value, values } = test;
        let today = self.known.today;
        let written = Written { op, value: value.as_deref(), values: values.as_deref(), pointer, today };
        written.read(field_type, &mut self.errors)
    }

    /// The field of a register by its name, or the declared attribute, with the type of its values.
    fn field<F>(
        &mut self,
        name: &str,
        of_register: impl FnOnce(&str) -> Option<(F, FieldType)>,
        register: AttributeRegister,
        names: &[&str],
        pointer: &str,
    ) -> Option<(FieldOrAttribute<F>, FieldType)> {
        if let Some((field, field_type)) = of_register(name) {
            return Some((FieldOrAttribute::Field(field), field_type));
        }
        let declared = name.strip_prefix(ATTRIBUTES).and_then(|name| self.known.attributes.find(register, name));
        if let Some(attribute) = declared {
            let field = FieldOrAttribute::Attribute(attribute.name.clone());
            return Some((field, attribute.attribute_type.field_type()));
        }
        let attributes: Vec<String> =
            self.known.attributes.of(register).map(|attribute| format!("{ATTRIBUTES}{}", attribute.name)).collect();
        let known: Vec<&str> = names.iter().copied().chain(attributes.iter().map(String::as_str)).collect();
        self.unknown_field(pointer, &known)
    }

    fn unknown_field<T>(&mut self, pointer: &str, known: &[&str]) -> Option<T> {
        let message = format!("There is no such field; use one of: {}.", known.join(", "));
        self.refuse(format!("{pointer}/field"), "unknown_field", message)
    }

    fn text(&mut self, text: &str, pointer: String) -> Option<Condition> {
        let words = if is_usable(text) { searched_words(text) } else { Vec::new() };
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
        let saved = &self.known.saved;
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

/// Both of one assignment. The one with a role says on which day.
fn join_assignments(before: Option<AssignmentTest>, test: AssignmentTest) -> AssignmentTest {
    let Some(mut joined) = before else { return test };
    if test.roles.is_some() {
        joined.roles = test.roles;
        joined.on = test.on;
    }
    joined.properties.extend(test.properties);
    joined
}

/// Both of one contract.
fn join_contracts(before: Option<ContractTest>, test: ContractTest) -> ContractTest {
    let Some(mut joined) = before else { return test };
    joined.on = joined.on.and(test.on);
    joined.fields.extend(test.fields);
    joined
}

#[cfg(test)]
mod saved_tests;
#[cfg(test)]
mod tests;
