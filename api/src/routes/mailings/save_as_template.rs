//! `POST /api/v1/mailings/{mailing_id}/save-as-template`.

use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::template::Template as DomainTemplate;
use persistence::mailings::find;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Require, perm};
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, once};
use crate::problem::Problem;
use crate::routes::templates::dto::{Template, TemplateOccasion};
use crate::routes::templates::saving::{add, channel_of_folder, created, save_by};
use crate::state::AppState;

/// The template to make of a mailing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"folder_id": "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55", "name": "Vesikatko"}))]
pub struct SaveAsTemplateRequest {
    /// The folder to keep it in. What the mailing says by the folder's channel is taken.
    pub folder_id: Uuid,
    /// What it is called, once a folder; at most 200 characters.
    #[schema(example = "Vesikatko", min_length = 1, max_length = 200)]
    pub name: String,
    /// The occasion it serves; null for none.
    #[serde(default)]
    pub occasion: Option<TemplateOccasion>,
}

/// Save what a mailing says as a template.
///
/// In all its languages, of a draft as of a sent mailing; who got it is no part of it. The mailing stays as it is.
#[utoipa::path(
    operation_id = "createTemplateOfMailing",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(("mailing_id" = Uuid, Path, description = "The mailing."), IdempotencyKeyHeader),
    request_body = SaveAsTemplateRequest,
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
#[post("/mailings/{mailing_id}/save-as-template")]
pub async fn create_template_of_mailing(
    state: web::Data<AppState>,
    caller: Require<perm::TemplatesWrite>,
    mailing_id: web::Path<Uuid>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<SaveAsTemplateRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let mailing_id = mailing_id.into_inner();
    let SaveAsTemplateRequest { folder_id, name, occasion } = body.into_inner();
    let save = save_by(&caller.subject, state.clock.now());
    once(&state, context, move |writer| {
        let mailing = find(writer, mailing_id)?.ok_or_else(Problem::not_found)?;
        let channel = channel_of_folder(writer, folder_id)?;
        let mut template = DomainTemplate::of_contents(&mailing.draft.contents, channel)?;
        template.folder_id = folder_id;
        template.name.clone_from(&name);
        template.occasion = occasion.clone().map(Into::into);
        let stored = add(writer, &template.normalized(), &save).map_err(|problem| problem.with_pointers(in_request))?;
        created(&stored.clone(), &Template::from(stored))
    })
    .await
}

/// What the mailing says is nowhere in the request.
fn in_request(pointer: &str) -> String {
    if pointer.starts_with("/language_versions") { String::new() } else { pointer.to_owned() }
}
