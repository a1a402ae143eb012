//! Keeps what a user has just written into a draft.

use chrono::{DateTime, Utc};
use domain::eligibility::Channel;
use domain::mailing::{Content, MailingDraft};
use persistence::{Writer, last_messages};
use uuid::Uuid;

use super::Kept;
use crate::problem::Problem;
use crate::routes::mailings::draft_dto::MailingRequest;

/// Keeps the message of each channel that a draft says something on, unless `before` said and was sent by the same: then nothing was
/// written.
pub fn remember(
    writer: &mut Writer<'_>,
    subject: &str,
    mailing_id: Uuid,
    before: Option<&MailingDraft>,
    draft: &MailingDraft,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    if before.is_some_and(|before| before.contents == draft.contents && before.sender == draft.sender) {
        return Ok(());
    }
    let MailingRequest { contents, sender, .. } = draft.clone().into();
    let mut messages = Vec::new();
    for channel in Channel::ALL {
        let says = |content: &Content| content.channel == channel && !content.body.trim().is_empty();
        if !draft.contents.iter().any(says) {
            continue;
        }
        let contents = contents.iter().filter(|content| content.channel == channel).cloned().collect();
        let kept = Kept { contents, sender: sender.clone() };
        messages.push((channel, serde_json::to_string(&kept).map_err(Problem::internal)?));
    }
    Ok(last_messages::save(writer, subject, mailing_id, &messages, now)?)
}
