//! `GET /api/v1/me/last-messages/{channel}`.

use actix_web::{get, web};
use persistence::{attachments, last_messages};

use super::{Kept, LastMessage, channel};
use crate::auth::{Require, perm};
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
    params(("channel" = String, Path, description = "`email`, `sms`, `letter` or `internetviesti`.", example = "email")),
    responses((status = 200, description = "The message.", body = LastMessage)),
)]
#[get("/me/last-messages/{channel}")]
pub async fn get_last_message(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsWrite>,
    path: web::Path<String>,
) -> Result<web::Json<LastMessage>, Problem> {
    let channel = channel(&path)?;
    let subject = caller.subject.clone();
    let read = state.db.read(move |reader| {
        let found = last_messages::find(reader, &subject, channel)?.ok_or_else(Problem::not_found)?;
        let kept: Kept = serde_json::from_str(&found.message).map_err(Problem::internal)?;
        let ids: Vec<_> = kept.contents.iter().flat_map(|content| content.attachment_ids.clone()).collect();
        Ok::<_, Problem>((attachments::by_ids(reader, &ids)?, kept, found.mailing_id, found.saved_at))
    });
    let (there, Kept { mut contents, sender }, mailing_id, saved_at) = read.await?;
    for content in &mut contents {
        content.attachment_ids.retain(|id| there.iter().any(|attachment| attachment.attachment_id == *id));
    }
    Ok(web::Json(LastMessage { channel, contents, sender, mailing_id, saved_at }))
}
