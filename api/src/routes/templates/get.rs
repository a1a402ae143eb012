//! `GET /api/v1/templates/{template_id}`.

use actix_web::{HttpResponse, get, web};
use uuid::Uuid;

use super::dto::Template;
use super::saving::existing;
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a template.
///
/// As it is now, in all its languages.
#[utoipa::path(
    operation_id = "getTemplate",
    tag = "templates",
    security(("bearer" = ["mailings:read"])),
    params(("template_id" = Uuid, Path, description = "The template."), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The template.", body = Template, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "You have this version."),
    ),
)]
#[get("/templates/{template_id}")]
pub async fn get_template(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    template_id: web::Path<Uuid>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let template_id = template_id.into_inner();
    let stored = state.db.read(move |reader| existing(reader, template_id)).await?;
    let etag = ETag::of_version(stored.version);
    Ok(seen.answer(&etag, &Template::from(stored)))
}
