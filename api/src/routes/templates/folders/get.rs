//! `GET /api/v1/template-folders/{folder_id}`.

use actix_web::{HttpResponse, get, web};
use uuid::Uuid;

use super::dto::TemplateFolder;
use super::existing;
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a folder of templates.
///
/// What is in it, `GET /templates?folder_id=…` tells.
#[utoipa::path(
    operation_id = "getTemplateFolder",
    tag = "templates",
    security(("bearer" = ["mailings:read"])),
    params(("folder_id" = Uuid, Path, description = "The folder."), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The folder.", body = TemplateFolder, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "You have this version."),
    ),
)]
#[get("/template-folders/{folder_id}")]
pub async fn get_template_folder(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    folder_id: web::Path<Uuid>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let folder_id = folder_id.into_inner();
    let folder = state.db.read(move |reader| existing(reader, folder_id)).await?;
    let etag = ETag::of_version(folder.version);
    Ok(seen.answer(&etag, &TemplateFolder::from(folder)))
}
