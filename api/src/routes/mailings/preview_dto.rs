//! What a preview shows.

use domain::mailing::{AddressedAs, MailingDraft};
use domain::sms::Segments;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::about::RowLeftOut;
use crate::problem::FieldProblem;
use crate::routes::attachments::dto::ContentAttachments;
use crate::routes::recipients::search_dto::ReasonCount;

/// How much of a preview to show.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"samples": 2}))]
pub struct PreviewMailingRequest {
    /// How many rendered messages to show of each language version, 0 to 10. By default 2.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10, default = 2, example = 2)]
    pub samples: Option<u32>,
}

/// What would be sent now: every recipient was resolved and rendered.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailingPreview {
    /// What a send must name to approve this content.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub content_hash: String,
    /// What a send must name to approve these recipients.
    #[schema(example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752")]
    pub recipients_hash: String,
    pub counts: PreviewCounts,
    /// The languages of reachable people for whom there is no version.
    pub missing_languages: Vec<MissingLanguageCount>,
    /// The merge fields that are empty for somebody, who is therefore left out.
    pub missing_values: Vec<MissingValueCount>,
    /// What to look at before sending; a send is not refused for it.
    pub warnings: Vec<PreviewWarning>,
    /// What a send would be refused for; pointers are into the mailing.
    pub problems: Vec<FieldProblem>,
    /// The rows that the mailing was made from and reminds of no more.
    pub rows_left_out: Vec<RowLeftOut>,
    /// The files that go with each version, in the order of the contents.
    pub attachments: Vec<ContentAttachments>,
    /// The messages that several recipients would get together, one a language: the group's, or the copies of cc and bcc.
    pub shared_messages: Vec<SharedMessage>,
    /// Some of the messages as they would be sent; those to protected parties only with the scope `parties:protected`.
    pub samples: Vec<MessageSample>,
}

/// Something to look at before sending.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewWarning {
    /// Of a mailing of the purpose `service` or `emergency` to properties: `residents_left_out`, when residents there are not among
    /// the recipients; `residents_unreachable`, when they are and cannot be reached. Of any mailing: `unknown_party`, when to, cc
    /// or bcc name `party_ids`, in a filter or beside it, that the register does not hold. New codes may appear.
    #[schema(example = "residents_left_out")]
    pub code: String,
    /// How many people it concerns.
    #[schema(example = 12)]
    pub people: i64,
    /// A sentence for people.
    #[schema(
        example = "12 residents of the chosen properties are not among the recipients; POST /api/v1/recipients/coverage tells where."
    )]
    pub message: String,
}

/// How many would get what.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct PreviewCounts {
    /// All people meant.
    #[schema(example = 180)]
    pub matched: i64,
    /// Those who would get the message.
    #[schema(example = 171)]
    pub eligible: i64,
    /// Those who would be left out.
    #[schema(example = 9)]
    pub skipped: i64,
    /// Of those eligible: addressed as to.
    #[schema(example = 169)]
    pub to: i64,
    /// Of those eligible: addressed as cc.
    #[schema(example = 2)]
    pub cc: i64,
    /// Of those eligible: addressed as bcc.
    #[schema(example = 0)]
    pub bcc: i64,
    /// Of those eligible: extra addresses, which are nobody's in the register.
    #[schema(example = 1)]
    pub extra_addresses: i64,
    /// The messages that would be sent: fewer than those eligible where people share an address or a message.
    #[schema(example = 168)]
    pub messages: i64,
    /// Those who would get a message together with others, see `shared_messages`.
    #[schema(example = 2)]
    pub together: i64,
    /// Those who would share another's message, because they have the same address.
    #[schema(example = 3)]
    pub shared: i64,
    /// People whose address is protected.
    #[schema(example = 2)]
    pub protected: i64,
    /// How many parts the text messages have together.
    #[schema(example = 0)]
    pub sms_segments: i64,
    /// Those left out, by reason.
    pub excluded: Vec<ReasonCount>,
    /// Those who would get the message, by service language and by the language of the version they get.
    pub by_language: Vec<PreviewLanguageCount>,
}

/// A message that several recipients would get together. Protected parties are not among them, but get one of their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedMessage {
    /// The language of the version.
    #[schema(example = "fi")]
    pub content_language: String,
    /// What its To header would show; none where it would say that the recipients are not disclosed.
    #[schema(example = json!([]))]
    pub to: Vec<String>,
    /// What its Cc header would show.
    #[schema(example = json!(["hallitus@example.fi"]))]
    pub cc: Vec<String>,
    /// How many would get it as bcc, seen by nobody.
    #[schema(example = 1)]
    pub bcc: i64,
}

impl SharedMessage {
    /// One that nobody gets yet.
    pub(super) fn new(draft: &MailingDraft, version: usize) -> Self {
        let content_language = draft.contents.get(version).map(|content| content.language.clone()).unwrap_or_default();
        Self { content_language, to: Vec::new(), cc: Vec::new(), bcc: 0 }
    }

    /// Adds a recipient.
    pub(super) fn add(&mut self, addressed_as: AddressedAs, address: &str) {
        match addressed_as {
            AddressedAs::To => self.to.push(address.to_owned()),
            AddressedAs::Cc => self.cc.push(address.to_owned()),
            AddressedAs::Bcc => self.bcc += 1,
        }
    }
}

/// How many of a service language get which version.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewLanguageCount {
    /// The service language.
    #[schema(example = "sv-FI")]
    pub language: String,
    /// The language of the version they get.
    #[schema(example = "sv")]
    pub content_language: String,
    /// How many people.
    #[schema(example = 12)]
    pub count: i64,
}

/// How many are served in a language that has no version.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingLanguageCount {
    /// The service language.
    #[schema(example = "en")]
    pub language: String,
    /// How many people.
    #[schema(example = 4)]
    pub count: i64,
}

/// For how many a merge field is empty.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingValueCount {
    /// The merge field.
    #[schema(example = "recipient.first_name")]
    pub field: String,
    /// How many people.
    #[schema(example = 1)]
    pub count: i64,
}

/// A message as one recipient would get it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageSample {
    /// The recipient; null for an extra address.
    #[schema(required = true, example = 1042)]
    pub party_id: Option<i64>,
    /// Whether the address of the party is protected.
    pub protected: bool,
    /// The name; of an extra address whose it is, if that was written.
    #[schema(required = true, example = "Virtanen Matti")]
    pub name: Option<String>,
    /// `to`, `cc` or `bcc`.
    #[schema(value_type = String, example = "to")]
    pub addressed_as: AddressedAs,
    /// Whether it is a message that several recipients would get together: see `shared_messages`.
    pub shared: bool,
    /// Where it would go.
    #[schema(required = true, example = "matti.virtanen@example.fi")]
    pub address: Option<String>,
    /// The recipient's service language.
    #[schema(example = "fi")]
    pub language: String,
    /// The language of the version.
    #[schema(example = "fi")]
    pub content_language: String,
    /// The subject.
    #[schema(example = "Vesikatko As Oy Esimerkki")]
    pub subject: String,
    /// The text version.
    #[schema(example = "Hei Matti, vesi on poikki 12.3. klo 9–12.")]
    pub text: String,
    /// The HTML version, where there is one.
    #[schema(required = true, example = "<p>Hei Matti, vesi on poikki 12.3. klo 9–12.</p>")]
    pub html: Option<String>,
    /// How a text message is sent; null for the other channels.
    #[schema(required = true)]
    pub sms: Option<SmsSegments>,
}

/// In how many parts a text message is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct SmsSegments {
    /// `gsm7`, or `ucs2` when a character is not of the GSM alphabet: then a part holds less than half.
    #[schema(example = "gsm7")]
    pub encoding: String,
    /// How long it is: septets of `gsm7`, units of `ucs2`.
    #[schema(example = 97)]
    pub units: i64,
    /// How many parts.
    #[schema(example = 1)]
    pub segments: i64,
}

impl From<Segments> for SmsSegments {
    fn from(Segments { encoding, units, count }: Segments) -> Self {
        let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
        Self { encoding: encoding.as_str().to_owned(), units: number(units), segments: number(count) }
    }
}
