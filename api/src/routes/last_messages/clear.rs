//! `DELETE /api/v1/me/last-messages/{channel}`.

use actix_web::{HttpResponse, delete, web};
use persistence::last_messages;

use super::channel;
use crate::auth::{Require, perm};
use crate::problem::Problem;
use crate::state::AppState;

/// Clear what the caller wrote last on a channel.
///
/// The next message starts empty. Mailings stay as they are. Clearing what is clear already changes nothing.
#[utoipa::path(
    operation_id = "deleteLastMessage",
    tag = "me",
    security(("bearer" = ["mailings:write"])),
    params(("channel" = String, Path, description = "`email`, `sms`, `letter` or `internetviesti`.", example = "email")),
    responses((status = 204, description = "It is clear.")),
)]
#[delete("/me/last-messages/{channel}")]
pub async fn delete_last_message(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsWrite>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let channel = channel(&path)?;
    let subject = caller.subject.clone();
    state.db.write(move |writer| last_messages::clear(writer, &subject, channel)).await?;
    Ok(HttpResponse::NoContent().finish())
}
