//! What a send is refused for, beyond what a draft is.

use domain::invalid::FieldError;
use domain::mailing::addressing::{Addressing, MAX_VISIBLE};
use domain::mailing::{MailingDraft, MissingLanguage};

use super::resolving::Resolving;
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
pub(super) fn recipient_faults(resolving: &Resolving) -> Vec<FieldError> {
    let (draft, lacking) = (resolving.draft(), resolving.lacking_languages());
    let mut errors = Vec::new();
    for (version, count) in resolving.visible().iter().filter(|(_, count)| **count > MAX_VISIBLE) {
        let language = draft.contents.get(*version).map(|content| content.language.as_str()).unwrap_or_default();
        let pointer = if draft.addressing == Addressing::Group { "/addressing" } else { "/cc" };
        let message = format!(
            "The header of the message in {language} would show {count} addresses, and mail servers take {MAX_VISIBLE} at the \
             most: put people into bcc, or address each individually."
        );
        errors.push(FieldError::new(pointer, "too_many_visible_recipients", message));
    }
    if resolving.matched() == 0 {
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
