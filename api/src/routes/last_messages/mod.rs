//! What the caller wrote last on a channel: `GET` and `DELETE /api/v1/me/last-messages/{channel}`.

pub mod clear;
pub mod get;
mod remember;

use chrono::{DateTime, Utc};
use domain::eligibility::Channel;
use persistence::{Reader, attachments, last_messages};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::etag::ETag;
use crate::problem::Problem;
use crate::routes::mailings::draft_dto::{MailingContent, MailingSender};

pub use remember::remember;

/// What the caller wrote last on a channel, for the start of the next message.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastMessage {
    /// The channel.
    #[schema(value_type = String, example = "email")]
    channel: Channel,
    /// The versions of the content, as they go into a draft. Files that are gone meanwhile are left out.
    contents: Vec<MailingContent>,
    /// Who it was from.
    sender: MailingSender,
    /// The mailing it was written for, which may be gone.
    mailing_id: Uuid,
    /// When it was saved.
    saved_at: DateTime<Utc>,
}

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    contents: Vec<MailingContent>,
    sender: MailingSender,
}

fn channel(word: &str) -> Result<Channel, Problem> {
    Channel::parse(word).ok_or_else(Problem::not_found)
}

/// The user's last message on a channel, and its version.
fn current(reader: &mut Reader<'_>, subject: &str, channel: Channel) -> Result<(LastMessage, ETag), Problem> {
    let found = last_messages::find(reader, subject, channel)?.ok_or_else(Problem::not_found)?;
    let Kept { mut contents, sender } = serde_json::from_str(&found.message).map_err(Problem::internal)?;
    let ids: Vec<Uuid> = contents.iter().flat_map(|content| content.attachment_ids.clone()).collect();
    let there = attachments::by_ids(reader, &ids)?;
    for content in &mut contents {
        content.attachment_ids.retain(|id| there.iter().any(|attachment| attachment.attachment_id == *id));
    }
    let last_messages::LastMessage { mailing_id, saved_at, message: _ } = found;
    let message = LastMessage { channel, contents, sender, mailing_id, saved_at };
    let etag = ETag::of_bytes(&serde_json::to_vec(&message).map_err(Problem::internal)?);
    Ok((message, etag))
}
