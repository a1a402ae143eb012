//! Saved queries in JSON.

use chrono::{DateTime, Utc};
use persistence::saved_queries::{QueryVersion, SavedQuery};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::etag::ETag;
use crate::problem::Problem;
use crate::routes::recipients::filter::RecipientFilter;
use crate::routes::recipients::search_dto::RecipientCounts;

/// A filter to keep under a name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Residents of Koivu",
    "filter": {"all": [
        {"role": {"codes": ["resident"]}},
        {"property": {"field": "property_id", "op": "eq", "value": "1001"}}
    ]}
}))]
pub struct RecipientQueryRequest {
    /// The name, one line; two queries may have the same.
    #[schema(example = "Residents of Koivu", min_length = 1, max_length = 200)]
    pub(super) name: String,
    pub(super) filter: RecipientFilter,
}

/// A saved query.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientQuery {
    /// Its id: `{"query_id": …}` in a filter means who matches it.
    query_id: Uuid,
    /// From 1; goes up with each change, and earlier versions stay readable.
    #[schema(example = 2)]
    version: i64,
    /// Its name.
    #[schema(example = "Residents of Koivu")]
    name: String,
    /// As it was written.
    filter: RecipientFilter,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// The subject of the token it was made with.
    #[schema(example = "portal")]
    created_by: String,
    /// What the newest run counted; null before the first. Runs with and without the scope `parties:protected` are kept apart.
    #[schema(required = true)]
    last_run: Option<RecipientQueryRun>,
}

/// What a run counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientQueryRun {
    /// When.
    counted_at: DateTime<Utc>,
    /// The version that was run.
    #[schema(example = 2)]
    version: i64,
    /// By which channel people were to be reached.
    #[schema(example = "email")]
    channel: String,
    /// Why they were to be written to.
    #[schema(example = "service")]
    purpose: String,
    counts: RecipientCounts,
}

/// A run as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRun {
    pub version: i64,
    pub channel: String,
    pub purpose: String,
    pub counts: RecipientCounts,
}

impl RecipientQuery {
    pub(super) fn new(saved: SavedQuery) -> Result<Self, Problem> {
        let SavedQuery { query_id, version, name, filter, created_at, created_by, sort_key: _, counted } = saved;
        let last_run = counted.map(|(counted_at, json)| {
            let StoredRun { version, channel, purpose, counts } =
                serde_json::from_str(&json).map_err(Problem::internal)?;
            Ok::<_, Problem>(RecipientQueryRun { counted_at, version, channel, purpose, counts })
        });
        let last_run = last_run.transpose()?;
        Ok(Self { query_id, version, name, filter: filter.into(), created_at, created_by, last_run })
    }

    /// The tag of what is shown, the newest counts included.
    pub(super) fn etag(&self) -> Result<ETag, Problem> {
        Ok(ETag::of_bytes(&serde_json::to_vec(self).map_err(Problem::internal)?))
    }
}

/// A page of saved queries.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientQueryPage {
    /// In Finnish order of their names.
    pub(super) items: Vec<RecipientQuery>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}

/// A saved query as it was from one change to the next.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientQueryVersion {
    /// From 1.
    #[schema(example = 1)]
    version: i64,
    /// Its name then.
    #[schema(example = "Residents of Koivu")]
    name: String,
    /// As it was written.
    filter: RecipientFilter,
    /// When it was written.
    changed_at: DateTime<Utc>,
    /// The subject of the token it was written with.
    #[schema(example = "portal")]
    changed_by: String,
}

impl From<QueryVersion> for RecipientQueryVersion {
    fn from(version: QueryVersion) -> Self {
        let QueryVersion { version, name, filter, changed_at, changed_by } = version;
        Self { version, name, filter: filter.into(), changed_at, changed_by }
    }
}

/// A page of the versions of a saved query.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientQueryVersionPage {
    /// Newest first.
    pub(super) items: Vec<RecipientQueryVersion>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}
