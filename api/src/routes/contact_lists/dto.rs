//! Contact lists in JSON.

use chrono::{DateTime, Utc};
use persistence::contact_lists::{ContactListData, StoredContactList};
use persistence::projects::Linked;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::etag::ETag;
use crate::extract::not_null;
use crate::problem::Problem;

/// A new contact list.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Yard volunteers", "description": "Asked in spring."}))]
pub struct ContactListRequest {
    /// The name, one line; two lists may have the same.
    #[schema(example = "Yard volunteers", min_length = 1, max_length = 200)]
    pub(super) name: String,
    /// What it is for.
    #[serde(default)]
    #[schema(example = "Asked in spring.", max_length = 2000)]
    pub(super) description: Option<String>,
    /// Whoever matches this saved query is on the list. Without it, those are who are put on it.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub(super) query_id: Option<Uuid>,
    /// The projects it is linked to; at most 200.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, max_items = 200, example = json!([]))]
    pub(super) project_ids: Option<Vec<Uuid>>,
}

/// A contact list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactList {
    /// Its id: `{"list_id": …}` in a filter means who is on it.
    list_id: Uuid,
    /// Goes up with each change of the list and of its members.
    #[schema(example = 3)]
    version: i64,
    /// Its name.
    #[schema(example = "Yard volunteers")]
    name: String,
    /// What it is for.
    #[schema(required = true, example = "Asked in spring.")]
    description: Option<String>,
    /// The saved query whose matches are on the list; null for a list of members.
    #[schema(required = true, example = json!(null))]
    query_id: Option<Uuid>,
    /// How many were put on it; null for the list of a query, which `…/reach` counts.
    #[schema(required = true, example = 42)]
    member_count: Option<i64>,
    /// The projects it is linked to, in Finnish order of their names.
    projects: Vec<LinkedProject>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// The subject of the token it was made with.
    #[schema(example = "portal")]
    created_by: String,
    /// When it, or who is on it, was changed last.
    updated_at: DateTime<Utc>,
}

/// A project that a contact list is linked to.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkedProject {
    /// Its id.
    project_id: Uuid,
    /// Its name.
    #[schema(example = "Pipe renovation 2027")]
    name: String,
}

impl ContactList {
    pub(super) fn new(stored: StoredContactList, linked: Vec<Linked>) -> Self {
        let StoredContactList { list_id, version, data, member_count, created_at, created_by, updated_at, sort_key: _ } =
            stored;
        let ContactListData { name, description, query_id } = data;
        Self {
            list_id,
            version,
            name,
            description,
            query_id,
            member_count: query_id.is_none().then_some(member_count),
            projects: linked.into_iter().map(|Linked { id, name }| LinkedProject { project_id: id, name }).collect(),
            created_at,
            created_by,
            updated_at,
        }
    }

    /// The tag of what is shown, its projects included.
    pub(super) fn etag(&self) -> Result<ETag, Problem> {
        Ok(ETag::of_bytes(&serde_json::to_vec(self).map_err(Problem::internal)?))
    }
}

/// A page of contact lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactListPage {
    /// In Finnish order of their names.
    pub(super) items: Vec<ContactList>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}
