//! What a template must satisfy to be saved.

use std::collections::HashSet;

use super::{Binding, Template};
use crate::content::{Version, check_version};
use crate::eligibility::Channel;
use crate::invalid::{Checked, FieldError};
use crate::language;
use crate::mailing::Format;

/// The longest name of a template or folder, and the longest reference of a workflow, in characters.
const MAX_NAME: usize = 200;
/// The most language versions.
const MAX_VERSIONS: usize = 50;

impl Template {
    /// What a template must satisfy: it can be used as it is. Every fault is listed, those of subjects and bodies with line and
    /// column.
    ///
    /// # Errors
    /// Each fault, with pointers into the template's JSON of the API.
    pub fn check(&self) -> Checked<()> {
        let Self { folder_id: _, name, channel, format, occasion, language_versions: versions } = self;
        let mut errors = check_name("/name", name);
        errors.extend(occasion.as_ref().map(check_binding).unwrap_or_default());
        if *channel == Channel::Sms && *format != Format::Text {
            let message = "A text message has no other format than text.";
            errors.push(FieldError::new("/format", "format_not_available", message));
        }
        if versions.is_empty() || versions.len() > MAX_VERSIONS {
            let message = format!("Give 1 to {MAX_VERSIONS} language versions.");
            errors.push(FieldError::new("/language_versions", "out_of_range", message));
            return Err(errors);
        }
        let mut languages = HashSet::new();
        for (index, version) in versions.iter().enumerate() {
            let pointer = format!("/language_versions/{index}");
            if language::parse(&version.language).is_some_and(|tag| !languages.insert(tag)) {
                let message = format!("There is a version in {} already; keep one of them.", version.language);
                errors.push(FieldError::new(format!("{pointer}/language"), "duplicate_language", message));
            }
            if version.body.trim().is_empty() {
                errors.push(FieldError::new(format!("{pointer}/body"), "required", "Give the version a body."));
            }
            if *channel == Channel::Sms {
                let none = |is_there: bool, field: &str, message: &str| {
                    is_there.then(|| FieldError::new(format!("{pointer}/{field}"), "not_available", message))
                };
                errors.extend(none(version.subject.is_some(), "subject", "A text message has no subject."));
                let attached = !version.attachment_ids.is_empty();
                errors.extend(none(attached, "attachment_ids", "A text message has no attachments."));
            }
            let parts = Version {
                language: &version.language,
                subject: version.subject.as_deref(),
                body: &version.body,
                attachment_ids: &version.attachment_ids,
            };
            errors.extend(check_version(&pointer, parts, self.occasion_kind()));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Checks the name of a folder.
///
/// # Errors
/// What is wrong, at `/name`.
pub fn check_folder_name(name: &str) -> Checked<()> {
    let errors = check_name("/name", name);
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_name(pointer: &str, name: &str) -> Vec<FieldError> {
    let fault = |code, message: String| vec![FieldError::new(pointer, code, message)];
    match name {
        _ if name.trim().is_empty() => fault("required", "Give it a name.".to_owned()),
        _ if name.chars().any(char::is_control) => {
            fault("control_character", "Leave out line breaks and other control characters.".to_owned())
        }
        _ if name.chars().count() > MAX_NAME => fault("too_long", format!("Keep it to {MAX_NAME} characters.")),
        _ => Vec::new(),
    }
}

fn check_binding(binding: &Binding) -> Vec<FieldError> {
    let pointer = "/occasion/workflow_ref";
    match (&binding.workflow_ref, binding.kind.takes_workflow_ref()) {
        (Some(reference), true) => check_name(pointer, reference),
        (None, true) => vec![FieldError::new(pointer, "required", "Say which workflow is meant.")],
        (Some(_), false) => {
            let message = format!("Only the occasion workflow has one; leave it out of {}.", binding.kind.as_str());
            vec![FieldError::new(pointer, "not_available", message)]
        }
        (None, false) => Vec::new(),
    }
}
