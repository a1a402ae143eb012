//! `DELETE /api/v1/mailings/{mailing_id}`.

use actix_web::{HttpResponse, delete, web};
use persistence::mailings::delete_draft;
use uuid::Uuid;

use super::draft;
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Delete a draft.
///
/// What was sent is never deleted.
#[utoipa::path(
    operation_id = "deleteMailing",
    tag = "mailings",
    security(("bearer" = ["mailings:write"])),
    params(("mailing_id" = Uuid, Path, description = "The mailing."), IfMatchHeader),
    responses(
        (status = 204, description = "The draft is gone."),
        (status = 409, description = "The mailing has been sent: `mailing_not_draft`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[delete("/mailings/{mailing_id}")]
pub async fn delete_mailing(
    state: web::Data<AppState>,
    _caller: Require<perm::MailingsWrite>,
    mailing_id: web::Path<Uuid>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let mailing_id = mailing_id.into_inner();
    state
        .db
        .write(move |writer| {
            let mailing = draft(writer, mailing_id)?;
            seen.check(&ETag::of_version(mailing.version))?;
            Ok::<_, Problem>(delete_draft(writer, mailing_id)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
