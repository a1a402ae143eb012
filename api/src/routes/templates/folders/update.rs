//! `PATCH /api/v1/template-folders/{folder_id}`.

use actix_web::http::header;
use actix_web::{HttpResponse, patch, web};
use domain::template::check_folder_name;
use persistence::templates::update_folder;
use uuid::Uuid;

use super::dto::{TemplateFolder, TemplateFolderPatch};
use super::{existing, name_taken};
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

/// Rename a folder of templates.
///
/// A JSON Merge Patch (RFC 7396). The channel stays.
#[utoipa::path(
    operation_id = "updateTemplateFolder",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(("folder_id" = Uuid, Path, description = "The folder."), IfMatchHeader),
    request_body(
        content((TemplateFolderPatch = "application/merge-patch+json"), (TemplateFolderPatch = "application/json")),
        description = "The fields to change.",
    ),
    responses(
        (status = 200, description = "The changed folder.", body = TemplateFolder, headers(("ETag" = String, description = "Its version."))),
        (status = 409, description = "The channel has another folder of this name: `template_folder_name_taken`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[patch("/template-folders/{folder_id}")]
pub async fn update_template_folder(
    state: web::Data<AppState>,
    _caller: Require<perm::TemplatesWrite>,
    folder_id: web::Path<Uuid>,
    seen: IfMatch,
    body: JsonBody<TemplateFolderPatch>,
) -> Result<HttpResponse, Problem> {
    let folder_id = folder_id.into_inner();
    let name = body.into_inner().name;
    let now = state.clock.now();
    let folder = state
        .db
        .write(move |writer| {
            let old = existing(writer, folder_id)?;
            let name = name.as_deref().map_or(old.name.as_str(), str::trim);
            check_folder_name(name)?;
            seen.check(&ETag::of_version(old.version))?;
            if !update_folder(writer, &old, name, now)? {
                return Err(name_taken());
            }
            existing(writer, folder_id)
        })
        .await?;
    let etag = ETag::of_version(folder.version);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag.header_value())).json(TemplateFolder::from(folder)))
}
