//! What a draft must satisfy to be saved, and what only a send needs.

mod addressing;

use crate::address::email;
use crate::content::{Version as ContentVersion, check_version, not_a_language};
use crate::eligibility::{Channel, Purpose};
use crate::invalid::{Checked, FieldError};
use crate::language;
use crate::mailing::draft::{Content, Format, MailingDraft, MissingLanguage, Sender};
use crate::mailing::language::{Version, choose_version};
use crate::occasion::OccasionKind;
use crate::recipient_query::Known;

/// The longest name of a mailing or sender, in characters.
const MAX_NAME: usize = 200;
/// The most content versions.
const MAX_CONTENTS: usize = 100;

/// The fields refused so far.
#[derive(Default)]
struct Findings(Vec<FieldError>);

impl Findings {
    fn add(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldError::new(pointer, code, message));
    }

    fn into_checked(self) -> Checked<()> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(self.0),
        }
    }
}

impl MailingDraft {
    /// What a draft must satisfy at save. It may be unfinished, but what is there must mean something: known languages, no
    /// version twice, allowed templates, usable addresses, filters that pass their own check. Every fault is listed.
    pub fn check(&self, known: &Known) -> Checked<()> {
        let Self {
            name,
            purpose: _,
            delivery,
            recipients: _,
            cc: _,
            bcc: _,
            addressing: _,
            contents,
            sender,
            missing_language,
            fallback_language,
            dedupe: _,
            unknown_outcome: _,
            template: _,
            origin,
            about,
        } = self;
        let mut findings = Findings::default();
        check_line(&mut findings, "/name", name);
        check_channels(&mut findings, &delivery.channels);
        addressing::check(&mut findings, self, known);
        check_contents(&mut findings, contents, about.as_ref().map(|about| about.occasion));
        check_sender(&mut findings, sender);
        if let Some(Err(errors)) = origin.as_ref().map(|origin| origin.check("/origin")) {
            findings.0.extend(errors);
        }
        match (missing_language, fallback_language) {
            (MissingLanguage::Fallback, None) => findings.add(
                "/fallback_language",
                "fallback_language_required",
                "Name the fallback_language that missing_language \"fallback\" falls back to.",
            ),
            (_, Some(tag)) if language::parse(tag).is_none() => {
                findings.add("/fallback_language", "invalid_language", not_a_language(tag));
            }
            _ => {}
        }
        findings.into_checked()
    }

    /// What only a send needs, of a draft that passes [`MailingDraft::check`]: nothing missing, and a purpose that can be
    /// sent.
    pub fn check_sendable(&self) -> Checked<()> {
        let mut findings = Findings::default();
        let mut required = |missing: bool, pointer: &str, message: &str| {
            if missing {
                findings.add(pointer, "required", message);
            }
        };
        required(self.name.trim().is_empty(), "/name", "Give the mailing a name.");
        required(self.delivery.channels.is_empty(), "/delivery/channels", "Name the channels to send by.");
        let message = "Say who is meant, by a filter, by party_ids or by addresses.";
        required(self.recipients.is_nobody(), "/recipients", message);
        let by_email = self.delivery.channels.contains(&Channel::Email);
        required(by_email && self.sender.address.is_none(), "/sender/address", "Name the address the e-mail is from.");
        for channel in &self.delivery.channels {
            let lacking = !self.contents.iter().any(|content| content.channel == *channel);
            required(lacking, "/contents", &format!("Write a content for the channel {}.", channel.as_str()));
        }
        for (index, content) in self.contents.iter().enumerate() {
            let no_subject = content.subject.as_deref().is_none_or(|subject| subject.trim().is_empty());
            let pointer = format!("/contents/{index}/subject");
            let needs_one = matches!(content.channel, Channel::Email | Channel::Internetviesti);
            required(needs_one && no_subject, &pointer, "Give the message a subject.");
            let pointer = format!("/contents/{index}/body");
            required(content.body.trim().is_empty(), &pointer, "Give the message a body.");
        }
        for (index, channel) in self.delivery.channels.iter().enumerate() {
            if !channel.is_enabled() {
                not_enabled(&mut findings, &format!("/delivery/channels/{index}"), *channel, &Channel::ENABLED);
            }
        }
        if self.purpose == Purpose::Marketing {
            findings.add(
                "/purpose",
                "purpose_not_available",
                "Marketing can't be sent until recipients can unsubscribe; choose another purpose.",
            );
        }
        if let (MissingLanguage::Fallback, Some(language)) = (self.missing_language, &self.fallback_language) {
            for channel in &self.delivery.channels {
                let found = choose_version(&self.contents, *channel, language, &MissingLanguage::Refuse, None);
                if found == Version::Lacking {
                    let message = format!("Write a content in {language} for the channel {}.", channel.as_str());
                    findings.add("/fallback_language", "fallback_language_without_content", message);
                }
            }
        }
        findings.into_checked()
    }
}

fn check_channels(findings: &mut Findings, channels: &[Channel]) {
    for (index, channel) in channels.iter().enumerate() {
        let pointer = format!("/delivery/channels/{index}");
        check_composed(findings, &pointer, *channel);
        if channels.iter().take(index).any(|earlier| earlier == channel) {
            findings.add(pointer, "duplicate_channel", "Name each channel once.");
        }
    }
}

fn check_composed(findings: &mut Findings, pointer: &str, channel: Channel) {
    if !Channel::COMPOSED.contains(&channel) {
        not_enabled(findings, pointer, channel, &Channel::COMPOSED);
    }
}

fn not_enabled(findings: &mut Findings, pointer: &str, channel: Channel, instead: &[Channel]) {
    let instead = instead.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(" or ");
    let message = format!("The channel {} is not enabled here; use {instead}.", channel.as_str());
    findings.add(pointer, "channel_not_enabled", message);
}

/// A text message is text and nothing else.
fn check_text_message(findings: &mut Findings, pointer: &str, content: &Content) {
    let Content { channel: _, language: _, subject, body: _, format, attachment_ids } = content;
    let mut refused = |refused: bool, field: &str, message: &str| {
        if refused {
            findings.add(format!("{pointer}/{field}"), "not_for_channel", message);
        }
    };
    let has_subject = subject.as_deref().is_some_and(|subject| !subject.trim().is_empty());
    refused(has_subject, "subject", "A text message has no subject; put it into the body.");
    refused(*format != Format::Text, "format", "A text message is written in text.");
    refused(!attachment_ids.is_empty(), "attachment_ids", "A text message carries no files.");
}

fn check_contents(findings: &mut Findings, contents: &[Content], occasion: Option<OccasionKind>) {
    if contents.len() > MAX_CONTENTS {
        findings.add("/contents", "too_many_values", format!("Write at most {MAX_CONTENTS} contents."));
        return;
    }
    for (index, content) in contents.iter().enumerate() {
        let Content { channel, language: tag, subject, body, format: _, attachment_ids } = content;
        let pointer = format!("/contents/{index}");
        check_composed(findings, &format!("{pointer}/channel"), *channel);
        let canonical = language::parse(tag);
        let same = |other: &Content| other.channel == *channel && language::parse(&other.language) == canonical;
        if canonical.is_some() && contents.iter().take(index).any(same) {
            let message = format!("There is a content for {} in {tag} already; keep one of them.", channel.as_str());
            findings.add(format!("{pointer}/language"), "duplicate_content", message);
        }
        let parts = ContentVersion { language: tag, subject: subject.as_deref(), body, attachment_ids };
        findings.0.extend(check_version(&pointer, parts, occasion));
        if *channel == Channel::Sms {
            check_text_message(findings, &pointer, content);
        }
    }
}

fn check_sender(findings: &mut Findings, sender: &Sender) {
    let Sender { name, address, reply_to } = sender;
    check_line(findings, "/sender/name", name.as_deref().unwrap_or_default());
    for (pointer, address) in [("/sender/address", address), ("/sender/reply_to", reply_to)] {
        if address.as_deref().is_some_and(|address| email::envelope_address(address).is_none()) {
            findings.add(pointer, "invalid_address", "Give one e-mail address alone, for instance tiedote@example.fi.");
        }
    }
}

/// A text that may end up in a header: one line, not too long.
fn check_line(findings: &mut Findings, pointer: &str, text: &str) {
    if text.chars().any(char::is_control) {
        findings.add(pointer, "control_character", "Leave out line breaks and other control characters.");
    }
    if text.chars().count() > MAX_NAME {
        findings.add(pointer, "too_long", too_long(MAX_NAME, "characters"));
    }
}

fn too_long(limit: usize, unit: &str) -> String {
    format!("Keep it to {limit} {unit}.")
}

#[cfg(test)]
mod tests;
