//! `POST /api/v1/templates`.

use actix_web::{HttpRequest, HttpResponse, post, web};

use super::dto::{Template, TemplateRequest};
use super::saving::{add, channel_of_folder, created, save_by};
use crate::auth::{Require, perm};
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, once};
use crate::problem::Problem;
use crate::state::AppState;

/// Add a template.
///
/// It can be used at once, in all its languages. What it says is checked now: a field that is not known is refused with its line
/// and column.
#[utoipa::path(
    operation_id = "createTemplate",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(IdempotencyKeyHeader),
    request_body = TemplateRequest,
    responses(
        (
            status = 201,
            description = "The template.",
            body = Template,
            headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
        ),
        (status = 409, description = "The folder has a template of this name (`template_name_taken`), another one is the default of the occasion (`occasion_default_taken`), or the same request is being worked on (`request_in_flight`).", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[post("/templates")]
pub async fn create_template(
    state: web::Data<AppState>,
    caller: Require<perm::TemplatesWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<TemplateRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let asked = body.into_inner();
    let save = save_by(&caller.subject, state.clock.now());
    once(&state, context, move |writer| {
        let channel = channel_of_folder(writer, asked.folder_id)?;
        let stored = add(writer, &asked.clone().into_template(channel), &save)?;
        created(&stored.clone(), &Template::from(stored))
    })
    .await
}
