//! Projects in JSON.

use chrono::{DateTime, Utc};
use persistence::projects::{Linked, StoredProject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::etag::ETag;
use crate::extract::not_null;
use crate::problem::Problem;

/// A new project.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Pipe renovation 2027"}))]
pub struct ProjectRequest {
    /// The name, one line; two projects may have the same.
    #[schema(example = "Pipe renovation 2027", min_length = 1, max_length = 200)]
    pub(super) name: String,
    /// What it is about.
    #[serde(default)]
    #[schema(example = json!(null), max_length = 2000)]
    pub(super) description: Option<String>,
    /// The contact lists it is linked to; at most 200.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, max_items = 200, example = json!([]))]
    pub(super) list_ids: Option<Vec<Uuid>>,
}

/// A project.
#[derive(Debug, Serialize, ToSchema)]
pub struct Project {
    /// Its id.
    project_id: Uuid,
    /// Goes up with each change of the project.
    #[schema(example = 1)]
    version: i64,
    /// Its name.
    #[schema(example = "Pipe renovation 2027")]
    name: String,
    /// What it is about.
    #[schema(required = true, example = json!(null))]
    description: Option<String>,
    /// The contact lists it is linked to, in Finnish order of their names.
    contact_lists: Vec<LinkedContactList>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// The subject of the token it was made with.
    #[schema(example = "portal")]
    created_by: String,
    /// When it was changed last.
    updated_at: DateTime<Utc>,
}

/// A contact list that a project is linked to.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkedContactList {
    /// Its id.
    list_id: Uuid,
    /// Its name.
    #[schema(example = "Yard volunteers")]
    name: String,
}

impl Project {
    pub(super) fn new(stored: StoredProject, linked: Vec<Linked>) -> Self {
        let StoredProject { project_id, version, name, description, created_at, created_by, updated_at, sort_key: _ } =
            stored;
        let contact_lists =
            linked.into_iter().map(|Linked { id, name }| LinkedContactList { list_id: id, name }).collect();
        Self { project_id, version, name, description, contact_lists, created_at, created_by, updated_at }
    }

    /// The tag of what is shown, its contact lists included.
    pub(super) fn etag(&self) -> Result<ETag, Problem> {
        Ok(ETag::of_bytes(&serde_json::to_vec(self).map_err(Problem::internal)?))
    }
}

/// A page of projects.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectPage {
    /// In Finnish order of their names.
    pub(super) items: Vec<Project>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}
