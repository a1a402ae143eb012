//! What one language version of a content must satisfy to be saved, of a mailing as of a template.

use uuid::Uuid;

use crate::attachment::MAX_PER_CONTENT;
use crate::content::template_check::check_template_of;
use crate::invalid::FieldError;
use crate::language;
use crate::occasion::OccasionKind;

/// The longest subject template, in characters.
pub(crate) const MAX_SUBJECT: usize = 1_000;
/// The longest body template, in bytes.
pub(crate) const MAX_BODY: usize = 512 * 1024;

/// One language version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version<'a> {
    pub language: &'a str,
    pub subject: Option<&'a str>,
    pub body: &'a str,
    pub attachment_ids: &'a [Uuid],
}

/// What is wrong with a version, whose JSON is at `pointer`: a language that is none, a subject or body that is too long or uses
/// what `occasion` does not offer, too many attachments.
pub(crate) fn check_version(pointer: &str, version: Version<'_>, occasion: Option<OccasionKind>) -> Vec<FieldError> {
    let Version { language: tag, subject, body, attachment_ids } = version;
    let mut errors = Vec::new();
    if language::parse(tag).is_none() {
        errors.push(FieldError::new(format!("{pointer}/language"), "invalid_language", not_a_language(tag)));
    }
    let subject = subject.unwrap_or_default();
    let texts = [
        ("subject", subject, subject.chars().count() > MAX_SUBJECT, format!("Keep it to {MAX_SUBJECT} characters.")),
        ("body", body, body.len() > MAX_BODY, format!("Keep it to {MAX_BODY} bytes.")),
    ];
    for (field, text, is_too_long, too_long) in texts {
        let pointer = format!("{pointer}/{field}");
        if is_too_long {
            errors.push(FieldError::new(pointer, "too_long", too_long));
        } else if let Err(fault) = check_template_of(text, occasion) {
            errors.push(FieldError::new(pointer, fault.code, fault.to_string()));
        }
    }
    errors.extend(check_attachment_ids(&format!("{pointer}/attachment_ids"), attachment_ids));
    errors
}

fn check_attachment_ids(pointer: &str, ids: &[Uuid]) -> Vec<FieldError> {
    if ids.len() > MAX_PER_CONTENT {
        let message = format!("Attach at most {MAX_PER_CONTENT} files to a content.");
        return vec![FieldError::new(pointer, "too_many_values", message)];
    }
    let repeated = ids.iter().enumerate().filter(|(index, id)| ids.iter().take(*index).any(|earlier| earlier == *id));
    repeated
        .map(|(index, _)| {
            FieldError::new(format!("{pointer}/{index}"), "duplicate_attachment", "Attach each file once.")
        })
        .collect()
}

/// How a language tag is refused.
pub(crate) fn not_a_language(tag: &str) -> String {
    let shown: String = tag.chars().take(40).collect();
    format!("{shown:?} is not a language tag; write one like fi, sv or en.")
}
