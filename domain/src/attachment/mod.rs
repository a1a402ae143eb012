//! Files that go with a message: which are taken in, under which name, and how many a message may have.
//!
//! What a file is, is read from its bytes. What its sender says of it, by name and content type, must agree.

mod attached;
mod kind;
mod name;
mod sniff;
mod zip;

use std::borrow::Cow;

use uuid::Uuid;

pub use attached::{check_attached, check_attached_at};
pub use kind::FileType;
pub use name::{MAX_NAME, content_disposition, safe_name};

use crate::invalid::FieldError;

/// The largest file that is taken in unless the deployment says otherwise, in bytes.
pub const DEFAULT_LIMIT: usize = 10 * 1024 * 1024;
/// The most attachments of one content version.
pub const MAX_PER_CONTENT: usize = 10;
/// How large the attachments of one content version may be together, in bytes.
pub const MAX_TOTAL: u64 = 20 * 1024 * 1024;

/// A file that was taken in. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub attachment_id: Uuid,
    /// As [`safe_name`] made it.
    pub file_name: String,
    /// Without parameters; see [`header_type`].
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    /// Of the bytes; 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// What a file is, when it may be taken in: the type that its bytes, its name and, where given, its declared content type
/// agree on. `name` is the safe one.
///
/// # Errors
/// `empty_file`, `attachment_type_refused`, `attachment_type_mismatch`, all at `/file`.
pub fn recognise(name: &str, declared: Option<&str>, bytes: &[u8]) -> Result<FileType, FieldError> {
    let refuse = |code, message: String| Err(FieldError::new("/file", code, message));
    if bytes.is_empty() {
        return refuse("empty_file", "The file is empty; choose one with content.".to_owned());
    }
    let Some(named) = FileType::of_name(name) else {
        let message =
            format!("Files of this kind are not taken in; choose one of {}.", FileType::extensions_in_words());
        return refuse("attachment_type_refused", message);
    };
    let found = sniff::sniff(bytes);
    if found.is_empty() {
        let message = format!(
            "What the file holds is none of {}, with text as UTF-8 and without macros.",
            FileType::extensions_in_words()
        );
        return refuse("attachment_type_refused", message);
    }
    if !found.contains(&named) {
        let holds = found.iter().map(|kind| kind.content_type()).collect::<Vec<_>>().join(" or ");
        let message =
            format!("The file is named like {} but holds {holds}; name it after what it holds.", named.content_type());
        return refuse("attachment_type_mismatch", message);
    }
    if declared.is_some_and(|declared| !named.may_be_declared_as(declared)) {
        let message = format!("The file is {}; declare it as that, or as nothing.", named.content_type());
        return refuse("attachment_type_mismatch", message);
    }
    Ok(named)
}

/// The kinds that these bytes may be, whatever they are called; several for text, none for what is not taken in.
pub(crate) fn kinds_of(bytes: &[u8]) -> &'static [FileType] {
    sniff::sniff(bytes)
}

/// The content type as a header says it: texts are UTF-8.
pub fn header_type(content_type: &str) -> Cow<'_, str> {
    match content_type.starts_with("text/") {
        true => Cow::Owned(format!("{content_type}; charset=utf-8")),
        false => Cow::Borrowed(content_type),
    }
}

#[cfg(test)]
mod tests;
