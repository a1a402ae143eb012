//! Whom to reach: a filter over parties, the roles they hold and the properties they hold them in (RULES 1).
//!
//! [`input`] is the filter as it is written and stored, [`fields`] the fields it may name, [`check`](check()) turns it into
//! the [`Condition`] that persistence evaluates, [`dates`] reads its days.

mod check;
mod choices;
mod conflict;
pub mod dates;
mod explain;
pub mod fields;
pub mod input;
mod operand;
mod residents;
mod saved;
mod searched;
mod seen;
mod size;

use chrono::NaiveDate;
use uuid::Uuid;

pub use self::check::{Known, MAX_ALL_WORDS, MAX_COST, MAX_DEPTH, MAX_NODES, MAX_VALUES, MAX_WORDS, check};
pub use self::choices::{KnownField, Listed, Subject, ValuesOf, known_fields};
pub use self::conflict::{smallest_conflict, together};
pub use self::explain::{ExplainedNode, MAX_EXPLAINED, explain};
pub use self::fields::{ContractField, PartyField, PropertyField};
pub use self::input::{FieldTest, PropertyTest, RecipientFilter, RoleTest};
pub use self::residents::RESIDENT;
pub use self::saved::{ListSource, Saved, SavedId};
pub use self::searched::searched_words;
pub use self::seen::{MAX_SEEN, Person};
use crate::register::PartyId;

/// A checked filter. Every leaf is true or false of a party (a missing value makes it false), except that without scope
/// `parties:protected` a test of a protected party's address or phone is unknown, and stays so through `Not`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// True where all are; of none, true.
    All(Vec<Condition>),
    /// True where one is; of none, false.
    Any(Vec<Condition>),
    /// True where the inner one is false.
    Not(Box<Condition>),
    /// True of parties that have such a role assignment.
    Assignment(AssignmentTest),
    /// True of parties with such a contract, whether or not a role belongs to it.
    Contract(ContractTest),
    /// True of parties whose field passes the test.
    Party { field: FieldOrAttribute<PartyField>, test: Test },
    /// Folded words ([`searched_words`]); each must begin some word of the party's own texts, or of the name, code
    /// or street of a property it has a role in today.
    Text(Vec<String>),
    /// True of these parties. Parties named outside every `Not` match even when archived or deceased.
    PartyIds(Vec<PartyId>),
    /// True of those who were put on this contact list; they too match when archived or deceased, as named parties do.
    ListMember(Uuid),
}

/// One role assignment, of which all this is true at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AssignmentTest {
    /// The role code is one of these; `None`: any.
    pub roles: Option<Vec<String>>,
    /// The assignment is valid on this day.
    pub on: NaiveDate,
    /// Its property is in every one of these selections.
    pub properties: Vec<PropertySelection>,
    /// It has such a contract: the one the role names, or where it names none, one of the same party and property.
    pub contract: Option<ContractTest>,
}

/// One contract, of which all this is true at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContractTest {
    /// It is valid on this day; `None`: whenever it is, since its validity is asked for.
    pub on: Option<NaiveDate>,
    /// Its fields pass all these; never empty.
    pub fields: Vec<(ContractField, Test)>,
}

/// What of a row is compared: a field that every row of its kind has, or one of the customer's own, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FieldOrAttribute<F> {
    Field(F),
    Attribute(String),
}

impl FieldOrAttribute<PartyField> {
    /// Whether address protection hides it: as [`PartyField::is_protected`], and the customer's own fields, which may hold an
    /// address or a phone.
    pub fn is_protected(&self) -> bool {
        match self {
            Self::Field(field) => field.is_protected(),
            Self::Attribute(_) => true,
        }
    }
}

/// A set of properties: those that pass the test and, if asked, everything below them in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PropertySelection {
    pub field: FieldOrAttribute<PropertyField>,
    pub test: Test,
    pub include_descendants: bool,
}

/// What is asked of a field's value. A missing value passes none but `Exists(false)`, `Ne` included. Texts compare by
/// the code points of their folded form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Test {
    Eq(Operand),
    Ne(Operand),
    /// Equal to one of these; never empty.
    In(Vec<Operand>),
    Lt(Operand),
    Lte(Operand),
    Gt(Operand),
    Gte(Operand),
    /// Folded text that is part of the value.
    Contains(String),
    /// Folded text that the value begins with.
    StartsWith(String),
    /// Whether there is a value.
    Exists(bool),
}

/// A value to compare with, of the field's type and in the form in which the field's value is stored for comparison.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Operand {
    /// Folded text, a code, or an E.164 number.
    Text(String),
    Integer(i64),
    /// In the form of [`crate::attribute::number_form`].
    Number(String),
    Bool(bool),
    Date(NaiveDate),
}

impl Condition {
    /// The parties named by `PartyIds` outside every `Not`, sorted and each once. They alone may match although archived
    /// or deceased.
    pub fn named_parties(&self) -> Vec<PartyId> {
        let mut named = Vec::new();
        self.collect_named(&mut named);
        named.sort_unstable();
        named.dedup();
        named
    }

    fn collect_named(&self, named: &mut Vec<PartyId>) {
        match self {
            Self::All(children) | Self::Any(children) => {
                for child in children {
                    child.collect_named(named);
                }
            }
            Self::PartyIds(ids) => named.extend(ids),
            Self::Not(_)
            | Self::Assignment(_)
            | Self::Contract(_)
            | Self::Party { .. }
            | Self::Text(_)
            | Self::ListMember(_) => {}
        }
    }

    /// The contact lists of `ListMember` outside every `Not`, sorted and each once. Who is on them may match although
    /// archived or deceased.
    pub fn named_lists(&self) -> Vec<Uuid> {
        let mut named = Vec::new();
        self.collect_lists(&mut named);
        named.sort_unstable();
        named.dedup();
        named
    }

    fn collect_lists(&self, named: &mut Vec<Uuid>) {
        match self {
            Self::All(children) | Self::Any(children) => {
                for child in children {
                    child.collect_lists(named);
                }
            }
            Self::ListMember(list_id) => named.push(*list_id),
            Self::Not(_)
            | Self::Assignment(_)
            | Self::Contract(_)
            | Self::Party { .. }
            | Self::Text(_)
            | Self::PartyIds(_) => {}
        }
    }

    /// Whether only parties can match that are named, by id or by their list: whether they are archived or deceased then
    /// need not be asked.
    pub fn matches_named_only(&self) -> bool {
        match self {
            Self::All(children) => children.iter().any(Self::matches_named_only),
            Self::Any(children) => children.iter().all(Self::matches_named_only),
            Self::PartyIds(_) | Self::ListMember(_) => true,
            Self::Not(_) | Self::Assignment(_) | Self::Contract(_) | Self::Party { .. } | Self::Text(_) => false,
        }
    }

    /// The assignment that the `property.*` merge fields speak of: the condition itself, or the assignment among the
    /// direct children of a topmost `All`. There is at most one, since the check joins them.
    pub fn assignment_for_merge_fields(&self) -> Option<&AssignmentTest> {
        match self {
            Self::Assignment(test) => Some(test),
            Self::All(children) => children.iter().find_map(|child| match child {
                Self::Assignment(test) => Some(test),
                _ => None,
            }),
            _ => None,
        }
    }
}
