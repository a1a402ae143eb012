//! `GET /api/v1/templates/{template_id}/versions`.

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use persistence::templates::{self, SavedVersion};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::saving::existing;
use crate::auth::{Require, perm};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// A save of a template.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateSave {
    /// The version that came of it.
    #[schema(example = 3)]
    version: i64,
    /// What the template was called from then on.
    #[schema(example = "Vesikatko")]
    name: String,
    /// The languages it had versions in.
    #[schema(example = json!(["fi", "sv"]))]
    languages: Vec<String>,
    /// When.
    saved_at: DateTime<Utc>,
    /// The subject of the token.
    #[schema(example = "portal")]
    saved_by: String,
    /// The version whose text was taken again.
    #[schema(required = true, example = json!(null))]
    restored_from: Option<i64>,
}

/// A page of the saves of a template, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateSavePage {
    /// The saves.
    pub items: Vec<TemplateSave>,
    /// Continues the list; null at its end.
    #[schema(required = true, example = json!(null))]
    pub next_cursor: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListTemplateVersionsQuery {
    /// How many saves a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List the versions of a template.
///
/// Newest first: the first is the template as it is now.
#[utoipa::path(
    operation_id = "listTemplateVersions",
    tag = "templates",
    security(("bearer" = ["mailings:read"])),
    params(("template_id" = Uuid, Path, description = "The template."), ListTemplateVersionsQuery),
    responses((status = 200, description = "A page of saves.", body = TemplateSavePage)),
)]
#[get("/templates/{template_id}/versions")]
pub async fn list_template_versions(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    template_id: web::Path<Uuid>,
    query: QueryParams<ListTemplateVersionsQuery>,
) -> Result<web::Json<TemplateSavePage>, Problem> {
    let template_id = template_id.into_inner();
    let ListTemplateVersionsQuery { limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    let cursors = state.cursors.of(&("template versions", template_id));
    let before = cursor.map(|cursor| cursors.open(&cursor)?.numeric_id()).transpose()?;
    let wanted = rows_for(limit);
    let rows = state
        .db
        .read(move |reader| {
            existing(reader, template_id)?;
            Ok::<_, Problem>(templates::list_versions(reader, template_id, before, wanted)?)
        })
        .await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: Vec::new(), id: row.version.to_string() });
    Ok(web::Json(TemplateSavePage { items: rows.into_iter().map(Into::into).collect(), next_cursor }))
}

impl From<SavedVersion> for TemplateSave {
    fn from(saved: SavedVersion) -> Self {
        let SavedVersion { version, template, saved_at, saved_by, restored_from } = saved;
        let languages = template.language_versions.into_iter().map(|version| version.language).collect();
        Self { version, name: template.name, languages, saved_at, saved_by, restored_from }
    }
}
