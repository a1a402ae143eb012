//! A mailing as the API shows it.

use chrono::{DateTime, Utc};
use domain::eligibility::Purpose;
use domain::mailing::{
    About, Addressing, Dedupe, MailingDraft, MailingStatus, MissingLanguage, Progress, UnknownOutcome,
};
use persistence::mailings::StoredMailing;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::draft_dto::{
    MailingContent, MailingDelivery, MailingOrigin, MailingRecipients, MailingRequest, MailingSender,
};
use super::template::MailingTemplate;
use crate::etag::ETag;

/// A mailing: what was composed, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mailing {
    /// Its id.
    mailing_id: Uuid,
    /// Goes up with each change; also the ETag.
    #[schema(example = 3)]
    version: i64,
    /// `draft`, `sending`, `paused`, `finished` or `cancelled`.
    #[schema(value_type = String, example = "sending")]
    status: MailingStatus,
    /// Why it is paused, for instance `relay_fault`: the mail server could not be used for a while. Resume it when it can.
    #[schema(required = true, example = json!(null))]
    pause_reason: Option<String>,
    /// The name, for the people who send.
    #[schema(example = "Vesikatko 12.3.")]
    name: String,
    /// Why it is sent.
    #[schema(value_type = String, example = "service")]
    purpose: Purpose,
    delivery: MailingDelivery,
    /// Those it is addressed to.
    recipients: MailingRecipients,
    /// Those who get a copy that the others see.
    cc: MailingRecipients,
    /// Those who get a copy that nobody else sees.
    bcc: MailingRecipients,
    /// `individual` or `group`.
    #[schema(value_type = String, example = "individual")]
    addressing: Addressing,
    /// The versions of the content.
    contents: Vec<MailingContent>,
    sender: MailingSender,
    /// The template whose content was taken.
    #[schema(required = true)]
    template: Option<MailingTemplate>,
    /// `refuse`, `fallback` or `skip`.
    #[schema(value_type = String, example = "fallback")]
    missing_language: MissingLanguage,
    /// The language that `fallback` falls back to.
    #[schema(required = true, example = "fi")]
    fallback_language: Option<String>,
    /// `none` or `address`: what was asked for, or what follows from the contents.
    #[schema(value_type = String, example = "none")]
    dedupe: Dedupe,
    /// `hold` or `resend`: what was asked for, or what follows from the purpose.
    #[schema(value_type = String, example = "resend")]
    unknown_outcome: UnknownOutcome,
    /// What it was handed over for; null unless it was.
    #[schema(required = true)]
    origin: Option<MailingOrigin>,
    /// The rows of another list that it reminds of; null unless it was made from such.
    #[schema(required = true)]
    about: Option<MailingAbout>,
    /// Hash of everything that decides what is sent: what a send must name.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    content_hash: String,
    /// Hash of the recipients it was sent to; null while it is a draft.
    #[schema(required = true, example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752")]
    recipients_hash: Option<String>,
    /// When the draft was made.
    created_at: DateTime<Utc>,
    /// The subject of the token it was made with.
    #[schema(example = "portal")]
    created_by: String,
    /// When the draft, or the status, last changed.
    updated_at: DateTime<Utc>,
    /// When the recipients were frozen; also the Date of every mail.
    #[schema(required = true)]
    sent_at: Option<DateTime<Utc>>,
    /// The subject of the token it was sent with.
    #[schema(required = true, example = "portal")]
    sent_by: Option<String>,
    /// When nothing was left to do.
    #[schema(required = true)]
    finished_at: Option<DateTime<Utc>>,
    progress: MailingProgress,
}

/// The key loans or move-in inspections that a mailing reminds of. Their fields are merge fields of its contents.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailingAbout {
    /// `overdue_key_loan` or `move_in_inspection_due`.
    #[schema(example = "overdue_key_loan")]
    occasion: String,
    /// The ids of the loans or inspections.
    ids: Vec<Uuid>,
}

impl From<About> for MailingAbout {
    fn from(About { occasion, ids }: About) -> Self {
        Self { occasion: occasion.as_str().to_owned(), ids }
    }
}

/// How many rows are in which state. `frozen` is their sum, always; all are 0 while the mailing is a draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailingProgress {
    /// All rows: one a recipient (or a recipient and channel), left out or not.
    #[schema(example = 180)]
    frozen: i64,
    /// To be sent.
    #[schema(example = 40)]
    queued: i64,
    /// With an attempt in flight.
    #[schema(example = 4)]
    sending: i64,
    /// Refused for now, to be tried again.
    #[schema(example = 1)]
    deferred: i64,
    /// Accepted by the mail server.
    #[schema(example = 125)]
    sent: i64,
    /// Came back later.
    #[schema(example = 0)]
    bounced: i64,
    /// Refused for good.
    #[schema(example = 1)]
    failed: i64,
    /// Left out, each with its reason.
    #[schema(example = 9)]
    skipped: i64,
    /// Called off.
    #[schema(example = 0)]
    cancelled: i64,
    /// May have gone out or not, and waits for someone to decide.
    #[schema(example = 0)]
    unknown: i64,
}

/// A mailing in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailingSummary {
    /// Its id.
    mailing_id: Uuid,
    /// Goes up with each change.
    #[schema(example = 3)]
    version: i64,
    /// What If-Match takes.
    #[schema(example = "\"3\"")]
    etag: String,
    /// The name, for the people who send.
    #[schema(example = "Vesikatko 12.3.")]
    name: String,
    /// Why it is sent.
    #[schema(value_type = String, example = "service")]
    purpose: Purpose,
    /// `draft`, `sending`, `paused`, `finished` or `cancelled`.
    #[schema(value_type = String, example = "finished")]
    status: MailingStatus,
    /// What it was handed over for; null unless it was.
    #[schema(required = true)]
    origin: Option<MailingOrigin>,
    /// When the draft was made.
    created_at: DateTime<Utc>,
    /// The subject of the token it was made with.
    #[schema(example = "portal")]
    created_by: String,
    /// When the draft, or the status, last changed.
    updated_at: DateTime<Utc>,
    /// When the recipients were frozen.
    #[schema(required = true)]
    sent_at: Option<DateTime<Utc>>,
    /// When nothing was left to do.
    #[schema(required = true)]
    finished_at: Option<DateTime<Utc>>,
    progress: MailingProgress,
}

/// A page of mailings, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailingPage {
    /// The mailings.
    pub items: Vec<MailingSummary>,
    /// Continues the list; null at its end.
    #[schema(required = true, example = json!(null))]
    pub next_cursor: Option<String>,
}

impl Mailing {
    /// A stored mailing with its progress.
    pub fn new(stored: StoredMailing, progress: Progress) -> Self {
        let StoredMailing {
            mailing_id,
            version,
            status,
            draft,
            content_hash,
            recipients_hash,
            created_at,
            created_by,
            updated_at,
            sent_at,
            sent_by,
            finished_at,
            pause_reason,
            attachments,
        } = stored;
        let (dedupe, unknown_outcome) = (draft.dedupe(), draft.unknown_outcome());
        let template = draft.template.map(Into::into);
        let content_hash = content_hash.unwrap_or_else(|| draft.content_hash(&attachments));
        let about = draft.about.clone().map(Into::into);
        let MailingRequest {
            name,
            purpose,
            delivery,
            recipients,
            cc,
            bcc,
            addressing,
            contents,
            sender,
            missing_language,
            fallback_language,
            dedupe: _,
            unknown_outcome: _,
            origin,
            template_id: _,
        } = draft.into();
        Self {
            mailing_id,
            version,
            status,
            pause_reason,
            name,
            purpose,
            delivery,
            recipients,
            cc,
            bcc,
            addressing,
            contents,
            sender,
            template,
            missing_language,
            fallback_language,
            dedupe,
            unknown_outcome,
            origin,
            about,
            content_hash,
            recipients_hash,
            created_at,
            created_by,
            updated_at,
            sent_at,
            sent_by,
            finished_at,
            progress: progress.into(),
        }
    }
}

impl MailingSummary {
    /// A stored mailing with its progress.
    pub fn new(stored: StoredMailing, progress: Progress) -> Self {
        let MailingDraft { name, purpose, origin, .. } = stored.draft;
        Self {
            mailing_id: stored.mailing_id,
            version: stored.version,
            etag: ETag::of_version(stored.version).to_string(),
            name,
            purpose,
            status: stored.status,
            origin: origin.map(Into::into),
            created_at: stored.created_at,
            created_by: stored.created_by,
            updated_at: stored.updated_at,
            sent_at: stored.sent_at,
            finished_at: stored.finished_at,
            progress: progress.into(),
        }
    }
}

impl From<Progress> for MailingProgress {
    fn from(progress: Progress) -> Self {
        let Progress { frozen, queued, sending, deferred, sent, bounced, failed, skipped, cancelled, unknown } =
            progress;
        Self { frozen, queued, sending, deferred, sent, bounced, failed, skipped, cancelled, unknown }
    }
}
