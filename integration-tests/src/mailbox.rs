//! Reads mail as a recipient's program would: from what the SMTP server received, and from the outbox folder.

use std::path::Path;

use mail_parser::{MessageParser, MimeHeaders as _, PartType};

use crate::smtp_server::ReceivedMessage;

/// A file that came with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFile {
    /// Its name; empty when it has none.
    pub name: String,
    /// Its content type, without parameters.
    pub content_type: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A message, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// `Message-ID` without angle brackets.
    pub message_id: String,
    /// The addresses of `To`.
    pub to: Vec<String>,
    /// The address of `From`.
    pub from: String,
    /// The display name of `From`.
    pub from_name: Option<String>,
    /// The decoded subject.
    pub subject: String,
    /// The plain text part; `None` when there is no such part.
    pub text: Option<String>,
    /// The HTML part; `None` when there is no such part.
    pub html: Option<String>,
    /// The files behind the text, in order.
    pub files: Vec<MailFile>,
    /// All headers in order, as written, folded lines joined.
    pub headers: Vec<(String, String)>,
    /// The whole message as received.
    pub raw: Vec<u8>,
}

impl Mail {
    /// Decodes a message.
    ///
    /// # Panics
    /// When it is no message, or lacks a Message-ID or a sender.
    pub fn parse(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).expect("a message");
        let from = message.from().and_then(|from| from.first()).expect("a From header");
        let text = message.text_bodies().find_map(|part| match &part.body {
            PartType::Text(text) => Some(text.to_string()),
            _ => None,
        });
        let html = message.html_bodies().find_map(|part| match &part.body {
            PartType::Html(html) => Some(html.to_string()),
            _ => None,
        });
        let to = message.to().map(|to| to.iter().filter_map(|one| one.address()).map(str::to_owned).collect());
        Self {
            message_id: message.message_id().expect("a Message-ID header").to_owned(),
            to: to.unwrap_or_default(),
            from: from.address().expect("an address in From").to_owned(),
            from_name: from.name().map(str::to_owned),
            subject: message.subject().unwrap_or_default().to_owned(),
            text,
            html,
            files: message
                .attachments()
                .map(|part| MailFile {
                    name: part.attachment_name().unwrap_or_default().to_owned(),
                    content_type: part.content_type().map_or_else(String::new, |kind| {
                        format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
                    }),
                    bytes: part.contents().to_vec(),
                })
                .collect(),
            headers: message.headers_raw().map(|(name, value)| (name.to_owned(), unfolded(value))).collect(),
            raw: raw.to_vec(),
        }
    }

    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the text occurs anywhere: in a header, in a part, or in the bytes that went over the wire.
    pub fn mentions(&self, text: &str) -> bool {
        let parts = [self.text.as_deref(), self.html.as_deref(), Some(self.subject.as_str())];
        parts.into_iter().flatten().any(|part| part.contains(text)) || String::from_utf8_lossy(&self.raw).contains(text)
    }
}

impl From<&ReceivedMessage> for Mail {
    fn from(message: &ReceivedMessage) -> Self {
        Self::parse(&message.raw)
    }
}

/// Reads the `.eml` files of a folder and those below it, in the order of their names; none when there is no such folder.
pub fn read_outbox(folder: &Path) -> Vec<Mail> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry of the outbox").path()).collect();
    paths.sort();
    let mut mails = Vec::new();
    for path in paths {
        if path.is_dir() {
            mails.extend(read_outbox(&path));
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            mails.push(Mail::parse(&std::fs::read(&path).expect("a readable mail")));
        }
    }
    mails
}

fn unfolded(value: &str) -> String {
    value.split("\r\n").map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
}
