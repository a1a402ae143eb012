//! `POST /api/v1/template-folders`.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::ids::new_id;
use domain::template::check_folder_name;
use domain::text::sort_key;
use persistence::templates::{StoredFolder, insert_folder};

use super::dto::{TemplateFolder, TemplateFolderRequest};
use super::name_taken;
use crate::auth::{Require, perm};
use crate::etag::ETag;
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::state::AppState;

/// Add a folder of templates.
///
/// For one channel, which is then that of every template in it.
#[utoipa::path(
    operation_id = "createTemplateFolder",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(IdempotencyKeyHeader),
    request_body = TemplateFolderRequest,
    responses(
        (
            status = 201,
            description = "The folder.",
            body = TemplateFolder,
            headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
        ),
        (status = 409, description = "The channel has a folder of this name (`template_folder_name_taken`), or the same request is being worked on (`request_in_flight`).", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[post("/template-folders")]
pub async fn create_template_folder(
    state: web::Data<AppState>,
    caller: Require<perm::TemplatesWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<TemplateFolderRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let TemplateFolderRequest { channel, name } = body.into_inner();
    check_folder_name(&name)?;
    let name = name.trim().to_owned();
    let now = state.clock.now();
    let folder = StoredFolder {
        folder_id: new_id(),
        version: 1,
        channel,
        sort_key: sort_key(&name),
        name,
        created_at: now,
        created_by: caller.subject.clone(),
        updated_at: now,
    };
    once(&state, context, move |writer| {
        if !insert_folder(writer, &folder)? {
            return Err(name_taken());
        }
        let location = format!("{BASE}/template-folders/{}", folder.folder_id);
        let reply = StoredReply::json(StatusCode::CREATED, &TemplateFolder::from(folder.clone()))?;
        Ok(reply.with_header(&header::LOCATION, location).with_header(&header::ETAG, ETag::of_version(1).as_str()))
    })
    .await
}
