//! `GET /api/v1/attachments/{attachment_id}/content`.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use domain::attachment::{content_disposition, header_type};
use persistence::attachments::find;
use utoipa::ToSchema;
use uuid::Uuid;

use super::unreachable;
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// The bytes of a file.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes a body that is streamed")]
pub struct FileBytes(Vec<u8>);

/// Download an attachment.
///
/// The bytes are those that were uploaded. They are meant to be saved, not shown.
#[utoipa::path(
    operation_id = "getAttachmentContent",
    tag = "attachments",
    security(("bearer" = ["mailings:read"])),
    params(("attachment_id" = Uuid, Path, description = "The attachment."), IfNoneMatchHeader),
    responses(
        (
            status = 200,
            description = "The bytes.",
            content((FileBytes = "application/octet-stream")),
            headers(
                ("ETag" = String, description = "Stands for the bytes."),
                ("Content-Disposition" = String, description = "`attachment`, with the name (RFC 6266)."),
            ),
        ),
        (status = 304, description = "You have these bytes."),
    ),
)]
#[get("/attachments/{attachment_id}/content")]
pub async fn get_attachment_content(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsRead>,
    attachment_id: web::Path<Uuid>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let attachment_id = attachment_id.into_inner();
    let stored = state.db.read(move |reader| find(reader, attachment_id)).await?.ok_or_else(Problem::not_found)?;
    let attachment = stored.attachment;
    let etag = ETag::of_digest(&attachment.sha256);
    if seen.matches(&etag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag.header_value())).finish());
    }
    let (size, pieces) = state.files.stream(&attachment.sha256).await.map_err(unreachable)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag.header_value()))
        .insert_header((header::CONTENT_TYPE, header_type(&attachment.content_type).into_owned()))
        .insert_header((header::CONTENT_DISPOSITION, content_disposition(&attachment.file_name)))
        .no_chunking(size)
        .streaming(pieces))
}
