//! The draft of a mailing: what is stored as JSON, hashed, approved and sent.

mod parts;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::content;
use crate::eligibility::{Channel, Purpose};
use crate::language;
use crate::mailing::about::About;
use crate::mailing::addressing::{Addressing, Recipients};
use crate::mailing::origin::Origin;
use crate::recipient_query::RecipientFilter;
use crate::template::{Template, TemplateRef};

pub use self::parts::{Content, Dedupe, Delivery, Format, MissingLanguage, Mode, Sender, UnknownOutcome};

/// A mailing as composed. Stored as JSON; what [`MailingDraft::check`] accepts may still lack what only a send needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MailingDraft {
    /// For the people who send; recipients see it only where a content uses `mailing.name`.
    #[serde(default)]
    pub name: String,
    pub purpose: Purpose,
    #[serde(default)]
    pub delivery: Delivery,
    /// Those it is addressed to.
    #[serde(default)]
    pub recipients: Recipients,
    #[serde(default, skip_serializing_if = "Recipients::is_nobody")]
    pub cc: Recipients,
    #[serde(default, skip_serializing_if = "Recipients::is_nobody")]
    pub bcc: Recipients,
    #[serde(default)]
    pub addressing: Addressing,
    #[serde(default)]
    pub contents: Vec<Content>,
    #[serde(default)]
    pub sender: Sender,
    #[serde(default)]
    pub missing_language: MissingLanguage,
    #[serde(default)]
    pub fallback_language: Option<String>,
    /// What was asked for; [`MailingDraft::dedupe`] has the rule.
    #[serde(default)]
    pub dedupe: Option<Dedupe>,
    /// What was asked for; [`MailingDraft::unknown_outcome`] has the rule.
    #[serde(default)]
    pub unknown_outcome: Option<UnknownOutcome>,
    /// The template whose content was taken; that content may have been changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateRef>,
    /// What it was handed over for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The rows it reminds of; given when the draft is made, and stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
}

impl MailingDraft {
    /// An empty draft.
    pub fn of(purpose: Purpose) -> Self {
        Self {
            name: String::new(),
            purpose,
            delivery: Delivery::default(),
            recipients: Recipients::default(),
            cc: Recipients::default(),
            bcc: Recipients::default(),
            addressing: Addressing::default(),
            contents: Vec::new(),
            sender: Sender::default(),
            missing_language: MissingLanguage::default(),
            fallback_language: None,
            dedupe: None,
            unknown_outcome: None,
            template: None,
            origin: None,
            about: None,
        }
    }

    /// The same draft in the form that is stored: texts trimmed, empty ones `None`, languages in canonical case. Subjects
    /// and bodies stay as written.
    #[must_use]
    pub fn normalized(self) -> Self {
        let Self {
            name,
            purpose,
            delivery,
            recipients,
            cc,
            bcc,
            addressing,
            contents,
            sender: Sender { name: sender_name, address, reply_to },
            missing_language,
            fallback_language,
            dedupe,
            unknown_outcome,
            template,
            origin,
            about,
        } = self;
        Self {
            name: name.trim().to_owned(),
            purpose,
            delivery,
            recipients: recipients.normalized(),
            cc: cc.normalized(),
            bcc: bcc.normalized(),
            addressing,
            contents: contents
                .into_iter()
                .map(|Content { channel, language, subject, body, format, attachment_ids }| Content {
                    channel,
                    language: canonical_language(&language),
                    subject: subject.filter(|subject| !subject.trim().is_empty()),
                    body,
                    format,
                    attachment_ids,
                })
                .collect(),
            sender: Sender { name: filled(sender_name), address: filled(address), reply_to: filled(reply_to) },
            missing_language,
            fallback_language: filled(fallback_language).map(|tag| canonical_language(&tag)),
            dedupe,
            unknown_outcome,
            template,
            origin,
            about,
        }
    }

    /// Whether addresses are deduplicated: as asked for, else `none` where a content uses personal fields, else `address`
    /// (RULES 6).
    pub fn dedupe(&self) -> Dedupe {
        self.dedupe.unwrap_or_else(|| match self.template_fields().any(|name| is_personal(&name)) {
            true => Dedupe::None,
            false => Dedupe::Address,
        })
    }

    /// What becomes of unknown outcomes: as asked for, else `hold` for marketing and `resend` for the rest. A mailing that
    /// only goes by SMS or letter always holds (RULES 6).
    pub fn unknown_outcome(&self) -> UnknownOutcome {
        let resendable = self.delivery.channels.iter().any(|channel| can_be_resent(*channel));
        match self.delivery.channels.is_empty() || resendable {
            true => self.unknown_outcome.unwrap_or(match self.purpose {
                Purpose::Marketing => UnknownOutcome::Hold,
                Purpose::Emergency | Purpose::Service | Purpose::Statutory | Purpose::Information => {
                    UnknownOutcome::Resend
                }
            }),
            false => UnknownOutcome::Hold,
        }
    }

    /// [`MailingDraft::unknown_outcome`] for the deliveries of one channel.
    pub fn unknown_outcome_for(&self, channel: Channel) -> UnknownOutcome {
        match can_be_resent(channel) {
            true => self.unknown_outcome(),
            false => UnknownOutcome::Hold,
        }
    }

    /// Takes what a template says in all its languages, in place of what was said by its channel. Without any channel, that
    /// one is chosen.
    pub fn take_template(&mut self, template: &Template, taken: TemplateRef) {
        self.contents.retain(|content| content.channel != template.channel);
        self.contents.extend(template.contents());
        if self.delivery.channels.is_empty() {
            self.delivery.channels.push(template.channel);
        }
        self.template = Some(taken);
    }

    /// The attachments that the contents name, each once, in order of their ids.
    pub fn attachment_ids(&self) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> =
            self.contents.iter().flat_map(|content| content.attachment_ids.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Every recipient filter of the draft.
    pub fn filters(&self) -> impl Iterator<Item = &RecipientFilter> {
        self.addressed().into_iter().filter_map(|(_, _, recipients)| recipients.filter.as_ref())
    }

    /// The merge fields that the contents use; a template that is refused uses none.
    pub(super) fn template_fields(&self) -> impl Iterator<Item = String> {
        self.contents
            .iter()
            .flat_map(|version| version.subject.as_deref().into_iter().chain([version.body.as_str()]))
            .filter_map(|source| content::read_template(source).ok())
            .flat_map(|fields| fields.iter().map(str::to_owned).collect::<Vec<_>>())
    }
}

fn is_personal(name: &str) -> bool {
    content::merge_field(name).is_some_and(|field| field.personal)
}

/// Whether sending again can do no harm that the recipient's program does not mend: it shows one Message-ID once.
fn can_be_resent(channel: Channel) -> bool {
    match channel {
        Channel::Email | Channel::Internetviesti => true,
        Channel::Sms | Channel::Letter => false,
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The canonical case of a tag; what is no tag stays as it is, for the check to refuse.
fn canonical_language(tag: &str) -> String {
    language::parse(tag.trim()).unwrap_or_else(|| tag.trim().to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A complete draft of one version, for the tests of this module's neighbours too.
    pub(in crate::mailing) fn a_draft() -> MailingDraft {
        MailingDraft {
            name: "Vesikatko".to_owned(),
            purpose: Purpose::Service,
            delivery: Delivery { mode: Mode::Fallback, channels: vec![Channel::Email] },
            recipients: Recipients { party_ids: vec![1, 2], ..Recipients::default() },
            cc: Recipients::default(),
            bcc: Recipients::default(),
            addressing: Addressing::Individual,
            contents: vec![a_content("fi", "Vesi on poikki.")],
            sender: Sender { name: None, address: Some("tiedote@example.fi".to_owned()), reply_to: None },
            missing_language: MissingLanguage::Refuse,
            fallback_language: None,
            dedupe: None,
            unknown_outcome: None,
            template: None,
            origin: None,
            about: None,
        }
    }

    pub(crate) fn a_content(language: &str, body: &str) -> Content {
        Content {
            channel: Channel::Email,
            language: language.to_owned(),
            subject: Some("Vesikatko".to_owned()),
            body: body.to_owned(),
            format: Format::Text,
            attachment_ids: Vec::new(),
        }
    }

    #[test]
    fn addresses_are_deduplicated_unless_the_content_is_personal() {
        for (body, expected) in [
            ("Vesi on poikki.", Dedupe::Address),
            ("{{ sender.name }} {{ mailing.name }}", Dedupe::Address),
            ("{{ recipient.language }}", Dedupe::Address),
            ("{{ recipient.name }}", Dedupe::None),
            ("{% if recipient.city %}x{% endif %}", Dedupe::None),
            ("{{ property.code }}", Dedupe::None),
        ] {
            let mut draft = a_draft();
            draft.contents.push(a_content("sv", body));
            assert_eq!(draft.dedupe(), expected, "{body}");
            draft.dedupe = Some(Dedupe::Address);
            assert_eq!(draft.dedupe(), Dedupe::Address, "{body}, asked for");
        }
        let mut draft = a_draft();
        draft.contents[0].subject = Some("Hei {{ recipient.first_name }}".to_owned());
        assert_eq!(draft.dedupe(), Dedupe::None, "in the subject");
    }

    #[test]
    fn unknown_outcomes_are_sent_again_but_for_marketing() {
        for purpose in Purpose::ALL {
            let mut draft = MailingDraft { purpose, ..a_draft() };
            let default = draft.unknown_outcome();
            assert_eq!(default == UnknownOutcome::Hold, purpose == Purpose::Marketing, "{purpose:?}");
            for asked in [UnknownOutcome::Hold, UnknownOutcome::Resend] {
                draft.unknown_outcome = Some(asked);
                assert_eq!(draft.unknown_outcome(), asked);
                assert_eq!(draft.unknown_outcome_for(Channel::Email), asked);
            }
        }
    }

    #[test]
    fn text_messages_and_letters_always_hold() {
        for channel in [Channel::Sms, Channel::Letter] {
            let mut draft = MailingDraft { unknown_outcome: Some(UnknownOutcome::Resend), ..a_draft() };
            assert_eq!(draft.unknown_outcome_for(channel), UnknownOutcome::Hold);
            draft.delivery.channels = vec![channel];
            assert_eq!(draft.unknown_outcome(), UnknownOutcome::Hold);
            draft.delivery.channels = vec![Channel::Email, channel];
            assert_eq!(draft.unknown_outcome(), UnknownOutcome::Resend);
        }
    }

    #[test]
    fn a_draft_is_stored_trimmed_and_canonical() {
        let mut draft = a_draft();
        draft.name = " Vesikatko ".to_owned();
        draft.recipients.party_ids = vec![2, 1, 2];
        draft.contents[0].language = " FI ".to_owned();
        draft.contents[0].subject = Some("  ".to_owned());
        draft.contents[0].body = " Hei \n".to_owned();
        draft.sender.name = Some(" ".to_owned());
        draft.fallback_language = Some("sv-fi".to_owned());
        let draft = draft.normalized();
        assert_eq!(draft.name, "Vesikatko");
        assert_eq!(draft.recipients.party_ids, [1, 2]);
        assert_eq!((draft.contents[0].language.as_str(), &draft.contents[0].subject), ("fi", &None));
        assert_eq!(draft.contents[0].body, " Hei \n", "a body stays as written");
        assert_eq!((draft.sender.name.as_deref(), draft.fallback_language.as_deref()), (None, Some("sv-FI")));
        assert_eq!(draft.clone().normalized(), draft);
    }

    #[test]
    fn a_stored_draft_reads_back() {
        let draft = a_draft();
        let stored = serde_json::to_string(&draft).unwrap();
        assert_eq!(serde_json::from_str::<MailingDraft>(&stored).unwrap(), draft);
        let least: MailingDraft = serde_json::from_str(r#"{"purpose":"service"}"#).unwrap();
        let before = r#"{"purpose":"service","contents":[{"channel":"email","language":"fi","body":"Hei"}]}"#;
        let before: MailingDraft = serde_json::from_str(before).unwrap();
        assert!(before.contents[0].attachment_ids.is_empty(), "written before there were attachments");
        assert_eq!((least.delivery.mode, least.missing_language), (Mode::Fallback, MissingLanguage::Refuse));
    }
}
