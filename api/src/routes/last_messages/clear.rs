//! `DELETE /api/v1/me/last-messages/{channel}`.

use actix_web::{HttpResponse, delete, web};
use persistence::last_messages;

use super::{channel, current};
use crate::auth::{Require, perm};
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Clear what the caller wrote last on a channel.
///
/// The next message starts empty. Mailings stay as they are.
#[utoipa::path(
    operation_id = "deleteLastMessage",
    tag = "me",
    security(("bearer" = ["mailings:write"])),
    params(
        ("channel" = String, Path, description = "`email`, `sms`, `letter` or `internetviesti`.", example = "email"),
        IfMatchHeader,
    ),
    responses((status = 204, description = "It is clear.")),
)]
#[delete("/me/last-messages/{channel}")]
pub async fn delete_last_message(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsWrite>,
    path: web::Path<String>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let channel = channel(&path)?;
    let subject = caller.subject.clone();
    let cleared = state.db.write(move |writer| {
        let (_, etag) = current(writer, &subject, channel)?;
        seen.check(&etag)?;
        last_messages::clear(writer, &subject, channel)?;
        Ok::<_, Problem>(())
    });
    cleared.await?;
    Ok(HttpResponse::NoContent().finish())
}
