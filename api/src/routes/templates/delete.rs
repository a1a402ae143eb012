//! `DELETE /api/v1/templates/{template_id}`.

use actix_web::{HttpResponse, delete, web};
use persistence::templates;
use uuid::Uuid;

use super::saving::existing;
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Delete a template.
///
/// With all its versions. Mailings keep what they took from it.
#[utoipa::path(
    operation_id = "deleteTemplate",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(("template_id" = Uuid, Path, description = "The template."), IfMatchHeader),
    responses((status = 204, description = "The template is gone.")),
)]
#[delete("/templates/{template_id}")]
pub async fn delete_template(
    state: web::Data<AppState>,
    _caller: Require<perm::TemplatesWrite>,
    template_id: web::Path<Uuid>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let template_id = template_id.into_inner();
    state
        .db
        .write(move |writer| {
            let old = existing(writer, template_id)?;
            seen.check(&ETag::of_version(old.version))?;
            Ok::<_, Problem>(templates::delete(writer, template_id)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
