//! `POST /api/v1/projects`.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::ids::new_id;
use domain::naming;
use persistence::projects::{Side, insert, link};

use super::dto::{Project, ProjectRequest};
use super::{check_links, shown};
use crate::auth::{Require, perm};
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::state::AppState;

/// Create a project.
///
/// A name to which contact lists can be linked; the link is seen from both sides.
#[utoipa::path(
    operation_id = "createProject",
    tag = "projects",
    security(("bearer" = ["lists:write"])),
    params(IdempotencyKeyHeader),
    request_body = ProjectRequest,
    responses((
        status = 201,
        description = "The project.",
        body = Project,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
    )),
)]
#[post("/projects")]
pub async fn create_project(
    state: web::Data<AppState>,
    caller: Require<perm::ListsWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<ProjectRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let ProjectRequest { name, description, list_ids } = body.into_inner();
    let (name, description) = named(&name, description.as_deref())?;
    let (project_id, list_ids) = (new_id(), list_ids.unwrap_or_default());
    let (now, by) = (state.clock.now(), caller.subject.clone());
    once(&state, context, move |writer| {
        check_links(writer, Side::Project, &list_ids)?;
        insert(writer, (project_id, &name, description.as_deref()), &by, now)?;
        link(writer, Side::Project, project_id, &list_ids)?;
        let body = shown(writer, project_id)?;
        let reply = StoredReply::json(StatusCode::CREATED, &body)?;
        let location = format!("{BASE}/projects/{project_id}");
        Ok(reply.with_header(&header::LOCATION, location).with_header(&header::ETAG, body.etag()?.as_str()))
    })
    .await
}

/// Name and description in the form that is stored.
pub(super) fn named(name: &str, description: Option<&str>) -> Result<(String, Option<String>), Problem> {
    match (naming::name("/name", name), naming::description("/description", description)) {
        (Ok(name), Ok(description)) => Ok((name, description)),
        (name, description) => Err(Problem::invalid(name.err().into_iter().chain(description.err()).collect())),
    }
}
