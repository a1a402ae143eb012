//! What each user wrote last on a channel: the start of their next message there, until they clear it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::eligibility::Channel;
use uuid::Uuid;

use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::schema::last_message;
use crate::types::{DbId, UtcTime};

/// A message as it was saved last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    /// JSON, in the form the caller gave it.
    pub message: String,
    /// The mailing it was written for, which may be gone.
    pub mailing_id: Uuid,
    pub saved_at: DateTime<Utc>,
}

/// Keeps what a user has just saved, in the place of what they had saved on these channels before.
///
/// # Errors
/// A failure of the database.
pub fn save(
    writer: &mut Writer<'_>,
    subject: &str,
    mailing_id: Uuid,
    messages: &[(Channel, String)],
    now: DateTime<Utc>,
) -> StoreResult<()> {
    insert_rows(
        writer,
        "INSERT INTO last_message (subject, channel, message, mailing_id, saved_at)",
        messages.iter().map(|(channel, message)| -> [Value; 5] {
            [subject.into(), channel.as_str().into(), message.as_str().into(), mailing_id.into(), now.into()]
        }),
        " ON CONFLICT (subject, channel) DO UPDATE SET message = excluded.message, mailing_id = excluded.mailing_id, \
         saved_at = excluded.saved_at",
    )
}

/// What a user saved last on a channel.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, subject: &str, channel: Channel) -> StoreResult<Option<LastMessage>> {
    let found = last_message::table
        .find((subject, channel.as_str()))
        .select((last_message::message, last_message::mailing_id, last_message::saved_at))
        .first::<(String, DbId, UtcTime)>(reader.conn)
        .optional()?;
    Ok(found.map(|(message, mailing_id, saved_at)| LastMessage {
        message,
        mailing_id: mailing_id.0,
        saved_at: saved_at.into(),
    }))
}

/// Clears it, if there is one.
///
/// # Errors
/// A failure of the database.
pub fn clear(writer: &mut Writer<'_>, subject: &str, channel: Channel) -> StoreResult<()> {
    let mut sql = Fragment::new("DELETE FROM last_message WHERE subject = ");
    sql.bind(subject).sql(" AND channel = ").bind(channel.as_str());
    sql.execute(writer.conn)?;
    Ok(())
}
