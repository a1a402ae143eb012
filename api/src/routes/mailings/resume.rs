//! `POST /api/v1/mailings/{mailing_id}/resume`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use persistence::mailings;
use uuid::Uuid;

use super::mailing_dto::Mailing;
use super::with_progress;
use crate::auth::{Require, perm};
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// Continue a paused mailing.
///
/// A mailing pauses itself with `relay_fault` when the mail server could not be used for a while. What waited is due at once.
#[utoipa::path(
    operation_id = "resumeMailing",
    tag = "mailings",
    security(("bearer" = ["mailings:send"])),
    params(("mailing_id" = Uuid, Path, description = "The mailing."), IdempotencyKeyHeader),
    responses(
        (status = 200, description = "The mailing is being sent.", body = Mailing),
        (status = 409, description = "The mailing is not paused: `mailing_not_paused`; or `request_in_flight`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[post("/mailings/{mailing_id}/resume")]
pub async fn resume_mailing(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsSend>,
    mailing_id: web::Path<Uuid>,
    key: IdempotencyKey,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mailing_id = mailing_id.into_inner();
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, [0; 32]));
    let now = state.clock.now();
    let reply = once(&state, context, move |writer| {
        let resumed = mailings::resume(writer, mailing_id, now)?;
        let (mailing, progress) = with_progress(writer, mailing_id)?;
        if !resumed {
            let detail = format!("This mailing is {}; only a paused one can be resumed.", mailing.status.as_str());
            return Err(Problem::new(Code::MailingNotPaused, detail));
        }
        StoredReply::json(StatusCode::OK, &Mailing::new(mailing, progress))
    })
    .await?;
    state.waker.wake();
    Ok(reply)
}
