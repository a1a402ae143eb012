//! What a draft is made of: its versions, its sender, and what was chosen about the delivery.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::eligibility::Channel;

/// How a mailing uses its channels (RULES 6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The first channel that reaches the recipient.
    #[default]
    Fallback,
    /// Every channel.
    All,
}

/// Over which channels, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    pub mode: Mode,
    /// In the order they are tried.
    pub channels: Vec<Channel>,
}

/// What a body is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Text,
    Markdown,
    Html,
}

impl Format {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

/// One version of the content: of one channel, in one language. Subject and body are templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub channel: Channel,
    /// BCP 47.
    pub language: String,
    #[serde(default)]
    pub subject: Option<String>,
    pub body: String,
    #[serde(default)]
    pub format: Format,
    /// The files that go with this version, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachment_ids: Vec<Uuid>,
}

/// Who the message is from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sender {
    /// The name shown before the address.
    pub name: Option<String>,
    /// The From address.
    pub address: Option<String>,
    pub reply_to: Option<String>,
}

/// What happens to those in whose language there is no version (RULES 4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingLanguage {
    /// The send is refused, naming the languages.
    #[default]
    Refuse,
    /// They get the version in `fallback_language`.
    Fallback,
    /// They are left out with `no_language_version`.
    Skip,
}

/// Whether people who share an address within a language get one message (RULES 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dedupe {
    None,
    Address,
}

/// What becomes of a message of which it is not known whether it went out (RULES 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownOutcome {
    /// It stays `unknown` until someone decides.
    Hold,
    /// It is sent again with the same Message-ID.
    Resend,
}
