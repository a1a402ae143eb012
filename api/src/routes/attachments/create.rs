//! `POST /api/v1/attachments`.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use delivery::files::sha256;
use persistence::attachments::insert;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::dto::Attachment;
use super::etag;
use super::taking_in::{Received, take_in};
use crate::auth::{Require, perm};
use crate::extract::FileUpload;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::state::AppState;

/// A form with one file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form; FileUpload reads it")]
pub struct AttachmentUpload {
    /// The file, with its name, and with its content type or none.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// Upload a file that contents of mailings and templates may name.
///
/// Taken in are PDF, PNG, JPEG, GIF, WebP, plain text and CSV as UTF-8, calendars (ICS), and documents without macros (DOCX,
/// XLSX, PPTX, ODT). What a file is, is read from its bytes; its name and its declared content type must agree with that. A
/// file that nothing names is deleted after a day, unless the deployment says otherwise (`POSTITUS_ATTACHMENT_KEEP_HOURS`).
#[utoipa::path(
    operation_id = "createAttachment",
    tag = "attachments",
    security(("bearer" = ["mailings:write"])),
    params(IdempotencyKeyHeader),
    request_body(content = AttachmentUpload, content_type = "multipart/form-data", description = "One file."),
    responses(
        (
            status = 201,
            description = "What is known of the file.",
            body = Attachment,
            headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
        ),
        (status = 413, description = "The file is larger than `POSTITUS_ATTACHMENT_LIMIT`: `body_too_large`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not multipart/form-data: `unsupported_media_type`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (
            status = 422,
            description = "`validation_failed`, with `attachment_type_refused`, `attachment_type_mismatch`, `empty_file`, \
                           `file_name_required`, or what is wrong with the form, in `errors`; or \
                           `idempotency_key_reused`, when the Idempotency-Key was used with another file.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
#[post("/attachments")]
pub async fn create_attachment(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    upload: FileUpload,
) -> Result<HttpResponse, Problem> {
    let FileUpload { name, declared, bytes } = upload;
    let (sha256, bytes) = web::block(move || (sha256(&bytes), bytes)).await.map_err(Problem::internal)?;
    let digest = Sha256::digest(format!("{name}\n{}\n{sha256}", declared.as_deref().unwrap_or_default()));
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, digest.into()));
    let received = Received { pointer: "/file", name: &name, declared: declared.as_deref(), sha256, bytes };
    let stored = take_in(&state, &caller.subject, received).await?;
    once(&state, context, move |writer| {
        if !insert(writer, &stored)? {
            return Err(Problem::unavailable("the file was deleted while it was being taken in"));
        }
        let location = format!("{BASE}/attachments/{}", stored.attachment.attachment_id);
        let reply = StoredReply::json(StatusCode::CREATED, &Attachment::from(stored.clone()))?;
        Ok(reply.with_header(&header::LOCATION, location).with_header(&header::ETAG, etag().as_str()))
    })
    .await
}
