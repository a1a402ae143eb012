//! `DELETE /api/v1/template-folders/{folder_id}`.

use actix_web::{HttpResponse, delete, web};
use persistence::templates::{FolderDeletion, delete_folder};
use uuid::Uuid;

use super::existing;
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// Delete a folder of templates.
///
/// Only an empty one: its templates are moved or deleted first.
#[utoipa::path(
    operation_id = "deleteTemplateFolder",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(("folder_id" = Uuid, Path, description = "The folder."), IfMatchHeader),
    responses(
        (status = 204, description = "The folder is gone."),
        (status = 409, description = "There are templates in it: `template_folder_not_empty`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[delete("/template-folders/{folder_id}")]
pub async fn delete_template_folder(
    state: web::Data<AppState>,
    _caller: Require<perm::TemplatesWrite>,
    folder_id: web::Path<Uuid>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let folder_id = folder_id.into_inner();
    state
        .db
        .write(move |writer| {
            let old = existing(writer, folder_id)?;
            seen.check(&ETag::of_version(old.version))?;
            match delete_folder(writer, folder_id)? {
                FolderDeletion::Done => Ok(()),
                FolderDeletion::InUse => {
                    let detail = "There are templates in the folder. Move them to another one, or delete them, first.";
                    Err(Problem::new(Code::TemplateFolderNotEmpty, detail))
                }
            }
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
