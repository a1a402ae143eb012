//! `GET /api/v1/me/last-messages/{channel}`.

use actix_web::{HttpResponse, get, web};

use super::{LastMessage, channel, current};
use crate::auth::{Require, perm};
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read what the caller wrote last on a channel.
///
/// Each user's own: what the subject of the token last wrote into a draft, by creating it or changing its contents or sender, is the
/// start of the next message on that channel. 404 when nothing was written yet, or it was cleared.
#[utoipa::path(
    operation_id = "getLastMessage",
    tag = "me",
    security(("bearer" = ["mailings:write"])),
    params(
        ("channel" = String, Path, description = "`email`, `sms`, `letter` or `internetviesti`.", example = "email"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The message.", body = LastMessage, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "You have this version."),
    ),
)]
#[get("/me/last-messages/{channel}")]
pub async fn get_last_message(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsWrite>,
    path: web::Path<String>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let channel = channel(&path)?;
    let subject = caller.subject.clone();
    let (message, etag) = state.db.read(move |reader| current(reader, &subject, channel)).await?;
    Ok(seen.answer(&etag, &message))
}
