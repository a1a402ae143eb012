//! What a send is refused for, beyond what a draft is.

use std::collections::BTreeMap;

use domain::invalid::FieldError;
use domain::mailing::{MailingDraft, MissingLanguage};

use crate::settings::Settings;

/// What is wrong with the draft itself: unfinished, a purpose that is not available, a sender that is not allowed.
pub(super) fn faults(draft: &MailingDraft, settings: &Settings) -> Vec<FieldError> {
    let mut errors = draft.check_sendable().err().unwrap_or_default();
    if let Some(address) = &draft.sender.address
        && !settings.senders.allow(address, settings.smtp_url.is_none())
    {
        let message =
            "Mail may not be sent from this address; the deployment lists those that may in POSTITUS_SENDERS.";
        errors.push(FieldError::new("/sender/address", "sender_not_allowed", message));
    }
    errors
}

/// What is wrong once the recipients are known.
pub(super) fn recipient_faults(
    draft: &MailingDraft,
    matched: usize,
    lacking: &BTreeMap<String, i64>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if matched == 0 {
        let message = "Nobody matches the recipients; widen the filter, or name parties.";
        errors.push(FieldError::new("/recipients", "no_recipients", message));
    }
    if draft.missing_language == MissingLanguage::Refuse {
        errors.extend(lacking.iter().map(|(language, count)| {
            let people = if *count == 1 { "1 person is".to_owned() } else { format!("{count} people are") };
            let message = format!(
                "{people} served in {language}, for which there is no version: add one, or set missing_language to fallback or skip."
            );
            FieldError::new("/contents", "missing_language_version", message)
        }));
    }
    errors
}
