//! What the demo reads of the API's answers.

use serde::Deserialize;

/// A page of any list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Property {
    pub(super) property_id: i64,
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Party {
    pub(super) party_id: i64,
    pub(super) archived: bool,
    pub(super) deceased: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct SearchAnswer {
    pub(super) counts: SearchCounts,
}

/// People who were found.
#[derive(Debug, Deserialize)]
pub(super) struct FoundPeople {
    pub(super) items: Vec<FoundPerson>,
}

/// One of them; of a protected one it is not told who it is.
#[derive(Debug, Deserialize)]
pub(super) struct FoundPerson {
    pub(super) party_id: Option<i64>,
    pub(super) name: Option<String>,
}

/// An internetviesti that was added.
#[derive(Debug, Deserialize)]
pub(super) struct Added {
    pub(super) internetviesti_id: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct SearchCounts {
    pub(super) matched: u64,
    pub(super) eligible: u64,
    pub(super) protected: u64,
    pub(super) excluded: Vec<ReasonCount>,
    pub(super) by_language: Vec<LanguageCount>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReasonCount {
    pub(super) reason: String,
    pub(super) count: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct LanguageCount {
    pub(super) language: String,
    pub(super) count: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Preview {
    pub(super) content_hash: String,
    pub(super) recipients_hash: String,
    pub(super) counts: PreviewCounts,
}

#[derive(Debug, Deserialize)]
pub(super) struct PreviewCounts {
    pub(super) matched: u64,
    pub(super) messages: u64,
    pub(super) skipped: u64,
    pub(super) protected: u64,
    pub(super) by_language: Vec<LanguageCount>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Mailing {
    pub(super) mailing_id: String,
    pub(super) status: String,
    pub(super) progress: Progress,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Progress {
    pub(super) frozen: u64,
    pub(super) queued: u64,
    pub(super) sending: u64,
    pub(super) deferred: u64,
    pub(super) sent: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

/// What became of one recipient.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Row {
    pub(super) row_no: u64,
    /// Of a protected party only that it is there: then there is no name.
    pub(super) name: Option<String>,
    pub(super) language: String,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) message_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub(super) subject: String,
    pub(super) text: String,
}

/// What a refused call says (RFC 9457).
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    pub(super) code: String,
    #[serde(default)]
    pub(super) detail: Option<String>,
    #[serde(default)]
    pub(super) errors: Vec<FieldError>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FieldError {
    pub(super) pointer: String,
    pub(super) message: String,
}
