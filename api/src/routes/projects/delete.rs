//! `DELETE /api/v1/projects/{project_id}`.

use actix_web::{HttpResponse, delete, web};
use persistence::projects;
use uuid::Uuid;

use super::shown;
use crate::auth::{Require, perm};
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Delete a project.
///
/// Its links go with it; the contact lists stay.
#[utoipa::path(
    operation_id = "deleteProject",
    tag = "projects",
    security(("bearer" = ["lists:write"])),
    params(("project_id" = Uuid, Path, description = "The project."), IfMatchHeader),
    responses((status = 204, description = "The project is gone.")),
)]
#[delete("/projects/{project_id}")]
pub async fn delete_project(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsWrite>,
    project_id: web::Path<Uuid>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let project_id = project_id.into_inner();
    state
        .db
        .write(move |writer| {
            let project = shown(writer, project_id)?;
            seen.check(&project.etag()?)?;
            Ok::<_, Problem>(projects::delete(writer, project_id)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
