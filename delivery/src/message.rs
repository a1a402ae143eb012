//! From a frozen row to its message: the same bytes whenever it is asked for.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::attachment::Attachment;
use domain::content::{CompiledContent, MergeValues, Rendered};
use domain::eligibility::Purpose;
use domain::internetviesti::{Internetviesti, MessageFormat, Written};
use domain::mailing::{AddressedAs, MailingDraft, UnknownOutcome, message_id};
use domain::register::PartyId;
use persistence::deliveries::journal::PortalMessage;
use persistence::internetviestit::Author;
use persistence::mailings::StoredMailing;
use thiserror::Error;
use uuid::Uuid;

use crate::email::{BuiltEmail, KnownLines, OutgoingEmail, build};

/// Why a frozen row has no message. Rows are rendered before they are frozen, so this speaks of damaged data.
#[derive(Debug, Error)]
pub enum MessageError {
    /// The row lacks what a message needs.
    #[error("the row has no {0}")]
    Lacking(&'static str),
    /// The stored content or merge values cannot be used.
    #[error("the stored content cannot be rendered: {0}")]
    Content(String),
}

/// Whom a message goes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addressees {
    /// What the Message-ID is made of.
    pub message_id: Uuid,
    /// The addresses in the To header.
    pub to: Vec<String>,
    /// The addresses in the Cc header.
    pub cc: Vec<String>,
    /// The addresses of the envelope: whom this transaction is for.
    pub recipients: Vec<String>,
}

impl Addressees {
    /// A message of a delivery's own: to one address alone.
    pub fn alone(delivery_id: Uuid, address: String) -> Self {
        Self { message_id: delivery_id, to: vec![address.clone()], cc: Vec::new(), recipients: vec![address] }
    }

    /// A message that several deliveries share: `shown` is what its header shows, of whichever of them.
    pub fn together(message_id: Uuid, shown: Vec<(AddressedAs, String)>, recipients: Vec<String>) -> Self {
        let (mut to, mut cc) = (Vec::new(), Vec::new());
        for (addressed_as, address) in shown {
            match addressed_as {
                AddressedAs::To => to.push(address),
                AddressedAs::Cc => cc.push(address),
                AddressedAs::Bcc => {}
            }
        }
        Self { message_id, to, cc, recipients }
    }
}

/// A sent mailing with its contents compiled.
pub struct SentMailing {
    mailing_id: Uuid,
    sent_by: String,
    draft: MailingDraft,
    content: CompiledContent,
    attachments: Vec<Attachment>,
    sent_at: DateTime<Utc>,
    /// Of each content version.
    known: Vec<KnownLines>,
}

impl SentMailing {
    /// Compiles the contents of a mailing.
    ///
    /// # Errors
    /// [`MessageError`] if it is a draft, or its templates cannot be used.
    pub fn new(mailing: StoredMailing) -> Result<Arc<Self>, MessageError> {
        let content =
            CompiledContent::new(&mailing.draft.contents).map_err(|fault| MessageError::Content(fault.to_string()))?;
        let sent_at = mailing.sent_at.ok_or(MessageError::Lacking("time of sending"))?;
        let StoredMailing { mailing_id, sent_by, draft, attachments, .. } = mailing;
        let known = draft.contents.iter().map(|_| KnownLines::default()).collect();
        let sent_by = sent_by.unwrap_or_default();
        Ok(Arc::new(Self { mailing_id, sent_by, draft, content, attachments, sent_at, known }))
    }

    /// What becomes of a message of unknown outcome.
    pub fn unknown_outcome(&self) -> UnknownOutcome {
        self.draft.unknown_outcome()
    }

    /// Subject and body of a row.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn render(&self, version_no: Option<i64>, merge_values: &str) -> Result<Rendered, MessageError> {
        let index = place(version_no).ok_or(MessageError::Lacking("content version"))?;
        let values: MergeValues =
            serde_json::from_str(merge_values).map_err(|error| MessageError::Content(error.to_string()))?;
        self.content.render(index, &values).map_err(|fault| MessageError::Content(fault.to_string()))
    }

    /// What goes with a content version, in its order.
    pub fn attachments(&self, version_no: Option<i64>) -> Vec<&Attachment> {
        let content = place(version_no).and_then(|index| self.draft.contents.get(index));
        let ids = content.map(|content| content.attachment_ids.as_slice()).unwrap_or_default();
        ids.iter().filter_map(|id| self.attachments.iter().find(|one| one.attachment_id == *id)).collect()
    }

    /// The message in the portal of a row: to this party alone, in its language.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn portal_message(
        &self,
        party_id: PartyId,
        version_no: Option<i64>,
        merge_values: &str,
        at: DateTime<Utc>,
    ) -> Result<PortalMessage, MessageError> {
        let Rendered { subject, text, html } = self.render(version_no, merge_values)?;
        let content = place(version_no).and_then(|index| self.draft.contents.get(index));
        let content = content.ok_or(MessageError::Lacking("content version"))?;
        let (message, format) = match html {
            Some(html) => (html, MessageFormat::Html),
            None => (text, MessageFormat::Text),
        };
        let version = Written {
            language: content.language.clone(),
            title: subject.unwrap_or_default(),
            message,
            format,
            attachment_ids: content.attachment_ids.clone(),
        };
        let message = Internetviesti {
            party_ids: vec![party_id],
            property_ids: Vec::new(),
            reaches_down: false,
            roles: Vec::new(),
            versions: vec![version],
            attachment_ids: Vec::new(),
            valid_from: None,
            valid_to: None,
            important: self.draft.purpose == Purpose::Emergency,
            corrects: None,
        };
        let author = Author { subject: self.sent_by.clone(), at, mailing_id: Some(self.mailing_id) };
        Ok(PortalMessage { message, author })
    }

    /// The e-mail of a row, or of several that share one, with the parts made of its attachments. Only the addresses given are in
    /// it, and its Message-ID is that of the message.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn email(
        &self,
        addressees: Addressees,
        version_no: Option<i64>,
        merge_values: &str,
        parts: Vec<Arc<[u8]>>,
    ) -> Result<BuiltEmail, MessageError> {
        let rendered = self.render(version_no, merge_values)?;
        let known = place(version_no).and_then(|index| self.known.get(index));
        let known = known.ok_or(MessageError::Lacking("content version"))?;
        let sender = &self.draft.sender;
        let from = sender.address.clone().ok_or(MessageError::Lacking("sender"))?;
        let Addressees { message_id: id, to, cc, recipients } = addressees;
        let email = OutgoingEmail {
            message_id: message_id(id, &from),
            date: self.sent_at,
            from_name: sender.name.clone(),
            from,
            reply_to: sender.reply_to.clone(),
            to,
            cc,
            recipients,
            subject: rendered.subject.unwrap_or_default(),
            text: rendered.text,
            html: rendered.html,
            boundary_seed: id,
        };
        build(&email, parts, known).map_err(|error| MessageError::Content(error.to_string()))
    }
}

/// Where a content version stands among those of its mailing.
fn place(version_no: Option<i64>) -> Option<usize> {
    version_no.and_then(|number| usize::try_from(number).ok())
}
