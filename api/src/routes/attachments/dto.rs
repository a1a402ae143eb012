//! Attachments as the API shows them.

use chrono::{DateTime, Utc};
use domain::mailing::Content;
use persistence::attachments::StoredAttachment;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A file that was taken in. It never changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attachment {
    /// What contents name it by.
    attachment_id: Uuid,
    /// What recipients see. Made safe: without folders, control characters and what turns the writing direction, in NFC, at
    /// most 150 characters.
    #[schema(example = "Vesikatko, ohje.pdf")]
    file_name: String,
    /// What the file is: read from its bytes, not believed.
    #[schema(example = "application/pdf")]
    content_type: String,
    /// In bytes.
    #[schema(minimum = 1, example = 48_213)]
    size: u64,
    /// Of the bytes; 64 hexadecimal digits.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
    /// When it was taken in.
    created_at: DateTime<Utc>,
    /// The subject of the token it was taken in with.
    #[schema(example = "portal")]
    created_by: String,
}

impl From<StoredAttachment> for Attachment {
    fn from(stored: StoredAttachment) -> Self {
        let StoredAttachment { attachment, created_at, created_by } = stored;
        let domain::attachment::Attachment { attachment_id, file_name, content_type, size, sha256 } = attachment;
        Self { attachment_id, file_name, content_type, size, sha256, created_at, created_by }
    }
}

/// A file that goes with a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachedFile {
    /// Its id.
    attachment_id: Uuid,
    /// What recipients see.
    #[schema(example = "Vesikatko, ohje.pdf")]
    file_name: String,
    /// What the file is.
    #[schema(example = "application/pdf")]
    content_type: String,
    /// In bytes.
    #[schema(minimum = 1, example = 48_213)]
    size: u64,
}

impl AttachedFile {
    /// The files of a content, in its order; `known` are those of its mailing.
    pub fn of(content: &Content, known: &[domain::attachment::Attachment]) -> Vec<Self> {
        let named = content.attachment_ids.iter().filter_map(|id| known.iter().find(|one| one.attachment_id == *id));
        named.cloned().map(Self::from).collect()
    }
}

impl From<domain::attachment::Attachment> for AttachedFile {
    fn from(attachment: domain::attachment::Attachment) -> Self {
        let domain::attachment::Attachment { attachment_id, file_name, content_type, size, sha256: _ } = attachment;
        Self { attachment_id, file_name, content_type, size }
    }
}

/// What goes with one version of the content.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContentAttachments {
    /// The channel of the version.
    #[schema(example = "email")]
    channel: String,
    /// The language of the version.
    #[schema(example = "fi")]
    content_language: String,
    /// The files, in order; none where the version has none.
    files: Vec<AttachedFile>,
    /// How large they are together, in bytes. In an e-mail they take a third more.
    #[schema(example = 48_213)]
    total_size: u64,
}

impl ContentAttachments {
    /// Of one version; `known` are those of its mailing.
    pub fn new(content: &Content, known: &[domain::attachment::Attachment]) -> Self {
        let files = AttachedFile::of(content, known);
        Self {
            channel: content.channel.as_str().to_owned(),
            content_language: content.language.clone(),
            total_size: files.iter().map(|file| file.size).sum(),
            files,
        }
    }
}
