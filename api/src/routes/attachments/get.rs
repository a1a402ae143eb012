//! `GET /api/v1/attachments/{attachment_id}`.

use actix_web::{HttpResponse, get, web};
use persistence::attachments::find;
use uuid::Uuid;

use super::dto::Attachment;
use super::etag;
use crate::auth::{Require, perm};
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read what is known of an attachment.
///
/// Its name, content type, size and SHA-256. An attachment never changes.
#[utoipa::path(
    operation_id = "getAttachment",
    tag = "attachments",
    security(("bearer" = ["mailings:read"])),
    params(("attachment_id" = Uuid, Path, description = "The attachment."), IfNoneMatchHeader),
    responses(
        (status = 200, description = "What is known of it.", body = Attachment, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "You have it; it never changes."),
    ),
)]
#[get("/attachments/{attachment_id}")]
pub async fn get_attachment(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    attachment_id: web::Path<Uuid>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let attachment_id = attachment_id.into_inner();
    let stored = state.db.read(move |reader| find(reader, attachment_id)).await?.ok_or_else(Problem::not_found)?;
    Ok(seen.answer(&etag(), &Attachment::from(stored)))
}
