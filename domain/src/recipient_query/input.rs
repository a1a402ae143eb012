//! A recipient filter as it is written in a request, and stored with a draft.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::register::PartyId;

/// One node of a filter: exactly one key is set. Values are strings, whatever the field's type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipientFilter {
    /// Every one of these. `role`, `property` and `contract` directly in here speak of one and the same role assignment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<RecipientFilter>>,
    /// At least one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<RecipientFilter>>,
    /// Parties that this does not match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<RecipientFilter>>,
    /// A role held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleTest>,
    /// A field of the party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<FieldTest>,
    /// A field of a property that the party has a role in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<PropertyTest>,
    /// A field of a contract of the party, or of the role assignment that stands in the same `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<FieldTest>,
    /// Words, each the beginning of a word of the party's texts or of its properties'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// These parties.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_ids: Option<Vec<i64>>,
    /// Who is on this contact list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_id: Option<Uuid>,
    /// Who matches this saved query; it speaks for itself, wherever it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<Uuid>,
}

impl RecipientFilter {
    /// Adds the parties that this filter itself names; what it refers to is a filter of its own.
    pub fn collect_named_parties(&self, ids: &mut BTreeSet<PartyId>) {
        ids.extend(self.party_ids.iter().flatten());
        for child in self.all.iter().chain(&self.any).flatten().chain(self.not.as_deref()) {
            child.collect_named_parties(ids);
        }
    }
}

/// A role held on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleTest {
    /// Role codes, any of which will do.
    pub codes: Vec<String>,
    /// The day: ISO, `today`, `today-30d` or `today+30d`. Default: today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
}

/// A test of a party's or a contract's field; see [`super::fields`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldTest {
    pub field: String,
    pub op: String,
    /// For every operator but `in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// For `in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
}

/// A test of a property's field; see [`super::fields`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyTest {
    pub field: String,
    pub op: String,
    /// For every operator but `in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// For `in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
    /// Whether everything below the properties found counts too. Default: true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_descendants: Option<bool>,
}
