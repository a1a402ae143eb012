//! What to, cc and bcc must satisfy.

use std::collections::HashSet;

use super::{Findings, check_line, not_a_language};
use crate::address::email;
use crate::content;
use crate::eligibility::{Channel, Purpose};
use crate::language;
use crate::mailing::addressing::{Addressing, ExtraAddress, Recipients};
use crate::mailing::draft::{Content, MailingDraft};
use crate::recipient_query::{self, Known};
use crate::register::MAX_ID;

/// The most parties named one by one.
const MAX_PARTY_IDS: usize = 10_000;
/// The most extra addresses.
const MAX_ADDRESSES: usize = 1_000;

/// Who is meant in each of the three ways, and whether the channels and contents suit it.
pub(super) fn check(findings: &mut Findings, draft: &MailingDraft, known: &Known) {
    for (_, pointer, recipients) in draft.addressed() {
        check_recipients(findings, pointer, recipients, known);
        if draft.purpose == Purpose::Marketing && !recipients.addresses.is_empty() {
            let message =
                "Nobody has allowed marketing to an extra address: leave them out, or choose another purpose.";
            findings.add(format!("{pointer}/addresses"), "address_not_marketable", message);
        }
    }
    check_channels(findings, draft);
    if draft.addressing == Addressing::Group {
        for (index, content) in draft.contents.iter().enumerate() {
            check_common(findings, &format!("/contents/{index}"), content);
        }
    }
}

fn check_recipients(findings: &mut Findings, pointer: &str, recipients: &Recipients, known: &Known) {
    let Recipients { filter, party_ids, addresses } = recipients;
    if let Some(filter) = filter
        && let Err(errors) = recipient_query::check(filter, &format!("{pointer}/filter"), known)
    {
        findings.0.extend(errors);
    }
    let pointer_of_ids = format!("{pointer}/party_ids");
    if party_ids.len() > MAX_PARTY_IDS {
        let message = format!("Name at most {MAX_PARTY_IDS} parties one by one; choose more of them with a filter.");
        findings.add(&pointer_of_ids, "too_many_values", message);
    }
    for (index, _) in party_ids.iter().enumerate().filter(|(_, id)| !(1..=MAX_ID).contains(*id)).take(20) {
        let message = format!("A party id is a number from 1 to {MAX_ID}.");
        findings.add(format!("{pointer_of_ids}/{index}"), "invalid_value", message);
    }
    check_addresses(findings, &format!("{pointer}/addresses"), addresses);
}

fn check_addresses(findings: &mut Findings, pointer: &str, addresses: &[ExtraAddress]) {
    if addresses.len() > MAX_ADDRESSES {
        let message = format!("Write at most {MAX_ADDRESSES} addresses by hand.");
        findings.add(pointer, "too_many_values", message);
        return;
    }
    let mut seen = HashSet::new();
    for (index, ExtraAddress { email, name, language }) in addresses.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        match email::envelope_address(email).map(|address| seen.insert(address)) {
            None => {
                let message = "Give one e-mail address alone, for instance huolto@example.fi.";
                findings.add(format!("{pointer}/email"), "invalid_address", message);
            }
            Some(false) => findings.add(format!("{pointer}/email"), "duplicate_address", "Write each address once."),
            Some(true) => {}
        }
        check_line(findings, &format!("{pointer}/name"), name.as_deref().unwrap_or_default());
        if language::parse(language).is_none() {
            findings.add(format!("{pointer}/language"), "invalid_language", not_a_language(language));
        }
    }
}

/// Only e-mail has headers, and only by e-mail an extra address is written to (RULES 6).
fn check_channels(findings: &mut Findings, draft: &MailingDraft) {
    let channels = &draft.delivery.channels;
    if channels.is_empty() {
        return;
    }
    if channels.iter().any(|channel| *channel != Channel::Email) {
        let cc_and_bcc = [("/cc", &draft.cc), ("/bcc", &draft.bcc)];
        for (pointer, _) in cc_and_bcc.into_iter().filter(|(_, recipients)| !recipients.is_nobody()) {
            findings.add(pointer, "email_only", "Only a mailing that goes by e-mail alone can have cc and bcc.");
        }
        if draft.addressing == Addressing::Group {
            let message = "Only a mailing that goes by e-mail alone can be addressed to a group.";
            findings.add("/addressing", "email_only", message);
        }
    }
    if !channels.contains(&Channel::Email) && !draft.recipients.addresses.is_empty() {
        let message = "Extra addresses are written to by e-mail: add that channel, or leave them out.";
        findings.add("/recipients/addresses", "email_only", message);
    }
}

/// What all of a group get can have no values of any one of them.
fn check_common(findings: &mut Findings, pointer: &str, content: &Content) {
    let texts = [("subject", content.subject.as_deref().unwrap_or_default()), ("body", content.body.as_str())];
    for (part, source) in texts {
        let Ok(fields) = content::check_template(source) else { continue };
        for name in fields.iter().filter(|name| content::is_of_recipient(name)) {
            let message = format!(
                "All of a group get the same message, so that {name} has no value: leave it out, or address each \
                 individually."
            );
            findings.add(format!("{pointer}/{part}"), "recipient_field_in_group", message);
        }
    }
}
