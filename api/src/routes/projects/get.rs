//! `GET /api/v1/projects/{project_id}`.

use actix_web::{HttpResponse, get, web};
use uuid::Uuid;

use super::dto::Project;
use super::shown;
use crate::auth::{Require, perm};
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a project.
///
/// With the contact lists it is linked to.
#[utoipa::path(
    operation_id = "getProject",
    tag = "projects",
    security(("bearer" = ["lists:read"])),
    params(("project_id" = Uuid, Path, description = "The project."), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The project.", body = Project, headers(("ETag" = String, description = "The version of what is shown."))),
        (status = 304, description = "You have this version."),
    ),
)]
#[get("/projects/{project_id}")]
pub async fn get_project(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsRead>,
    project_id: web::Path<Uuid>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let project_id = project_id.into_inner();
    let body = state.db.read(move |reader| reader.snapshot(|reader| shown(reader, project_id))).await?;
    Ok(seen.answer(&body.etag()?, &body))
}
