//! Which attachments the versions of a mailing's content may name.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Attachment, MAX_TOTAL};
use crate::invalid::{Checked, FieldError};
use crate::mailing::Content;

/// Checks, against the attachments there are, what the contents name: each must exist, and those of one version must not be
/// too large together. How many there are, the draft's own check knows.
///
/// # Errors
/// `unknown_attachment` at `/contents/0/attachment_ids/1`, `attachments_too_large` at `/contents/0/attachment_ids`.
pub fn check_attached(contents: &[Content], known: &[Attachment]) -> Checked<()> {
    check_attached_at("/contents", contents, known)
}

/// As [`check_attached`], of contents that are at `list` in the request.
///
/// # Errors
/// As [`check_attached`], below `list`.
pub fn check_attached_at(list: &str, contents: &[Content], known: &[Attachment]) -> Checked<()> {
    let sizes: HashMap<Uuid, u64> = known.iter().map(|one| (one.attachment_id, one.size)).collect();
    let mut errors = Vec::new();
    for (index, content) in contents.iter().enumerate() {
        let pointer = format!("{list}/{index}/attachment_ids");
        let mut total = 0_u64;
        for (place, id) in content.attachment_ids.iter().enumerate() {
            match sizes.get(id) {
                Some(size) => total = total.saturating_add(*size),
                None => {
                    let message = "There is no such attachment; upload the file first.";
                    errors.push(FieldError::new(format!("{pointer}/{place}"), "unknown_attachment", message));
                }
            }
        }
        if total > MAX_TOTAL {
            let message = format!("Together the attachments have {total} bytes; keep them to {MAX_TOTAL}.");
            errors.push(FieldError::new(pointer, "attachments_too_large", message));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
