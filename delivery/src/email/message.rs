//! An e-mail from its parts to the bytes on the wire.
//!
//! The same parts give the same bytes: date, Message-ID and boundary are given, nothing is drawn or asked from the
//! machine. Every part may come from a person, so none can add a header or a line to another one.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use lettre::message::header::{MessageId, Subject};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, MultiPartKind, SinglePart};
use uuid::Uuid;

use super::body::KnownLines;
use super::headers::{ShownCc, ShownTo, addresses, date, message_id, one_line, own_address};

/// What a message is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingEmail {
    /// `id@domain`, with or without `<` and `>`.
    pub message_id: String,
    /// The instant in the Date header.
    pub date: DateTime<Utc>,
    /// The sender's name as people see it.
    pub from_name: Option<String>,
    /// The sender's address, also of the envelope.
    pub from: String,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<String>,
    /// The addresses in the To header; their domains are ASCII (IDNA) already, as everywhere here. Without any the header says
    /// that the recipients are not disclosed.
    pub to: Vec<String>,
    /// The addresses in the Cc header.
    pub cc: Vec<String>,
    /// Whom the message goes to: in the envelope alone, whatever the headers say.
    pub recipients: Vec<String>,
    /// The subject; line breaks in it become spaces.
    pub subject: String,
    /// The text for those who read no HTML.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// What the boundaries between the parts are made of: unguessable to whoever writes the text.
    pub boundary_seed: Uuid,
}

/// From whom and to whom the relay is told a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Gets the bounces.
    pub from: String,
    /// Get the message.
    pub to: Vec<String>,
}

/// A message ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltEmail {
    /// The envelope.
    pub envelope: Envelope,
    /// The Message-ID, in `<` and `>`.
    pub message_id: String,
    /// Headers and body, lines ended by CRLF, dots not doubled: the whole message, or what stands before its attachments.
    pub bytes: Vec<u8>,
    /// What follows, where there are attachments.
    pub attached: Attached,
}

/// The end of a message with attachments: their bytes, which many messages share, and what stands between them. All of it is
/// ASCII.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attached {
    parts: Vec<Arc<[u8]>>,
    separator: Vec<u8>,
    end: Vec<u8>,
}

impl BuiltEmail {
    /// The message in pieces.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let Attached { parts, separator, end } = &self.attached;
        let parts = parts.iter().flat_map(|part| [separator.as_slice(), part]);
        [self.bytes.as_slice()].into_iter().chain(parts).chain([end.as_slice()]).filter(|piece| !piece.is_empty())
    }
}

/// Why a message cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The sender's address.
    #[error("the sender's address is not valid")]
    From,
    /// The address for answers.
    #[error("the reply address is not valid")]
    ReplyTo,
    /// A recipient's address, or there is none.
    #[error("the recipient's address is not valid")]
    To,
    /// The Message-ID.
    #[error("the Message-ID is not valid")]
    MessageId,
    /// A date outside the years 1970 to 9999.
    #[error("the date is out of range")]
    Date,
    /// The content type of an attachment.
    #[error("the content type of an attachment is not valid")]
    ContentType,
    /// What the builder found.
    #[error("the message cannot be built: {0}")]
    Other(String),
}

/// Builds the message: plain text alone, or plain text and HTML as alternatives, with attachments behind it as
/// [`attachment_part`](super::attachment_part) made them. `known` are the lines of messages made before.
///
/// # Errors
/// [`BuildError`].
pub fn build(email: &OutgoingEmail, parts: Vec<Arc<[u8]>>, known: &KnownLines) -> Result<BuiltEmail, BuildError> {
    let from = own_address(&email.from).ok_or(BuildError::From)?;
    let recipients = addresses(&email.recipients)?;
    let message_id = message_id(&email.message_id).ok_or(BuildError::MessageId)?;
    let envelope = Envelope { from: from.to_string(), to: recipients.iter().map(ToString::to_string).collect() };
    let to = addresses(&email.to)?;
    let cc = addresses(&email.cc)?;

    let name = email.from_name.as_deref().map(one_line).filter(|name| !name.is_empty());
    let mut headers = Message::builder()
        .header(date(email.date)?)
        .header(MessageId::from(message_id.clone()))
        .from(Mailbox::new(name, from.clone()))
        // The recipients are told to the relay alone: nothing of them may come from, or into, a header.
        .envelope(lettre::address::Envelope::new(Some(from), recipients).map_err(|_nobody| BuildError::To)?);
    headers = headers.header(ShownTo(to));
    if !cc.is_empty() {
        headers = headers.header(ShownCc(cc));
    }
    if let Some(reply_to) = &email.reply_to {
        headers = headers.reply_to(Mailbox::new(None, own_address(reply_to).ok_or(BuildError::ReplyTo)?));
    }
    let headers = headers.header(Subject::from(one_line(&email.subject)));
    if parts.is_empty() {
        let message = with_body(headers, email, known)?;
        return Ok(BuiltEmail { envelope, message_id, bytes: message.formatted(), attached: Attached::default() });
    }
    let boundary = format!("=_a_{}", email.boundary_seed.simple());
    let end = format!("--{boundary}--\r\n").into_bytes();
    let mut bytes = mixed(headers, email, known, &boundary)?.formatted();
    // The attachments come before the end.
    let before_end = bytes.len().saturating_sub(end.len());
    if bytes.split_off(before_end) != end {
        return Err(BuildError::Other("the message does not end with its boundary".to_owned()));
    }
    let separator = format!("--{boundary}\r\n").into_bytes();
    Ok(BuiltEmail { envelope, message_id, bytes, attached: Attached { parts, separator, end } })
}

fn with_body(headers: MessageBuilder, email: &OutgoingEmail, known: &KnownLines) -> Result<Message, BuildError> {
    let built = match alternatives(email, known) {
        None => headers.singlepart(text(email, known)),
        Some(both) => headers.multipart(both),
    };
    built.map_err(|error| BuildError::Other(error.to_string()))
}

fn mixed(
    headers: MessageBuilder,
    email: &OutgoingEmail,
    known: &KnownLines,
    boundary: &str,
) -> Result<Message, BuildError> {
    let mixed = MultiPart::builder().kind(MultiPartKind::Mixed).boundary(boundary);
    let body = match alternatives(email, known) {
        None => mixed.singlepart(text(email, known)),
        Some(both) => mixed.multipart(both),
    };
    headers.multipart(body).map_err(|error| BuildError::Other(error.to_string()))
}

fn text(email: &OutgoingEmail, known: &KnownLines) -> SinglePart {
    SinglePart::plain(known.text.encode(&email.text))
}

fn alternatives(email: &OutgoingEmail, known: &KnownLines) -> Option<MultiPart> {
    let html = known.html.encode(email.html.as_deref()?);
    // `=_` cannot occur in quoted-printable or base64 text.
    let boundary = format!("=_{}", email.boundary_seed.simple());
    let parts = MultiPart::builder().kind(MultiPartKind::Alternative).boundary(boundary);
    Some(parts.singlepart(text(email, known)).singlepart(SinglePart::html(html)))
}

#[cfg(test)]
mod tests;
