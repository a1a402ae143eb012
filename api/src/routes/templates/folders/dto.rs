//! Folders in JSON.

use chrono::{DateTime, Utc};
use domain::eligibility::Channel;
use persistence::templates::StoredFolder;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::etag::ETag;

/// A folder to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"channel": "email", "name": "Sähköpostipohjat"}))]
pub struct TemplateFolderRequest {
    /// The channel of every template in it: `email`, `sms`, `letter` or `internetviesti`. It never changes.
    #[schema(value_type = String, pattern = "^(email|sms|letter|internetviesti)$", example = "email")]
    pub channel: Channel,
    /// What it is called, once a channel; at most 200 characters.
    #[schema(example = "Sähköpostipohjat", min_length = 1, max_length = 200)]
    pub name: String,
}

/// What to change of a folder.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Vesikatkot"}))]
pub struct TemplateFolderPatch {
    /// What it is called, once a channel; at most 200 characters.
    #[serde(default, deserialize_with = "crate::patch::not_null")]
    #[schema(value_type = Option<String>, nullable = false, example = "Vesikatkot", min_length = 1, max_length = 200)]
    pub name: Option<String>,
}

/// A folder of templates.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateFolder {
    /// Its id.
    folder_id: Uuid,
    /// Goes up with each change.
    #[schema(example = 1)]
    version: i64,
    /// What If-Match takes.
    #[schema(example = "\"1\"")]
    etag: String,
    /// The channel of every template in it.
    #[schema(value_type = String, example = "email")]
    channel: Channel,
    /// What it is called.
    #[schema(example = "Sähköpostipohjat")]
    name: String,
    /// When it was added.
    created_at: DateTime<Utc>,
    /// The subject of the token it was added with.
    #[schema(example = "portal")]
    created_by: String,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// A page of folders, in Finnish order of their names.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateFolderPage {
    /// The folders.
    pub items: Vec<TemplateFolder>,
    /// Continues the list; null at its end.
    #[schema(required = true, example = json!(null))]
    pub next_cursor: Option<String>,
}

impl From<StoredFolder> for TemplateFolder {
    fn from(stored: StoredFolder) -> Self {
        let StoredFolder { folder_id, version, channel, name, sort_key: _, created_at, created_by, updated_at } =
            stored;
        let etag = ETag::of_version(version).to_string();
        Self { folder_id, version, etag, channel, name, created_at, created_by, updated_at }
    }
}
