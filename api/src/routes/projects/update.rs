//! `PATCH /api/v1/projects/{project_id}`.

use actix_web::http::header;
use actix_web::{HttpResponse, patch, web};
use persistence::projects::{Side, find, link, update};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::create::named;
use super::dto::Project;
use super::{check_links, shown};
use crate::auth::{Require, perm};
use crate::etag::{IfMatch, IfMatchHeader};
use crate::extract::{JsonBody, not_null};
use crate::patch::Patch;
use crate::problem::Problem;
use crate::state::AppState;

/// What to change of a project (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Pipe renovation 2028"}))]
pub struct ProjectPatch {
    /// Its name.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = "Pipe renovation 2028", min_length = 1, max_length = 200)]
    name: Option<String>,
    /// What it is about; null for nothing.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = json!(null), max_length = 2000)]
    description: Patch<String>,
    /// The contact lists it is linked to, all of them; at most 200.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, max_items = 200, example = json!([]))]
    list_ids: Option<Vec<Uuid>>,
}

/// Change a project.
///
/// A JSON Merge Patch; `list_ids` replaces all its links.
#[utoipa::path(
    operation_id = "updateProject",
    tag = "projects",
    security(("bearer" = ["lists:write"])),
    params(("project_id" = Uuid, Path, description = "The project."), IfMatchHeader),
    request_body(
        content((ProjectPatch = "application/merge-patch+json"), (ProjectPatch = "application/json")),
        description = "What to change.",
    ),
    responses((status = 200, description = "The project as it is now.", body = Project, headers(("ETag" = String, description = "Its version.")))),
)]
#[patch("/projects/{project_id}")]
pub async fn update_project(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsWrite>,
    project_id: web::Path<Uuid>,
    seen: IfMatch,
    body: JsonBody<ProjectPatch>,
) -> Result<HttpResponse, Problem> {
    let (project_id, now) = (project_id.into_inner(), state.clock.now());
    let patch = body.into_inner();
    let changed = state
        .db
        .write(move |writer| {
            let before = find(writer, project_id)?.ok_or_else(Problem::not_found)?;
            let ProjectPatch { name, description, list_ids } = patch.clone();
            let mut described = before.description;
            description.apply(&mut described);
            let (name, described) = named(&name.unwrap_or(before.name), described.as_deref())?;
            if let Some(ids) = &list_ids {
                check_links(writer, Side::Project, ids)?;
            }
            seen.check(&shown(writer, project_id)?.etag()?)?;
            update(writer, (project_id, &name, described.as_deref()), now)?;
            if let Some(ids) = &list_ids {
                link(writer, Side::Project, project_id, ids)?;
            }
            shown(writer, project_id)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, changed.etag()?.header_value())).json(changed))
}
