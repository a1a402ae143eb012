//! The draft of a mailing in JSON. What it must satisfy is decided in `domain::mailing`.

use domain::eligibility::{Channel, Purpose};
use domain::mailing as domain_mailing;
use domain::mailing::{
    Addressing, Dedupe, ExtraAddress, Format, MailingDraft, MissingLanguage, Mode, Origin, UnknownOutcome,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::routes::recipients::filter::RecipientFilter;

/// A mailing as it is composed. `name` and `purpose` are needed at once; what else a send needs may be added later.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Vesikatko 12.3.",
    "purpose": "service",
    "delivery": {"mode": "fallback", "channels": ["email"]},
    "recipients": {"filter": {"all": [
        {"role": {"codes": ["resident"]}},
        {"property": {"field": "property_id", "op": "eq", "value": "1001"}}
    ]}},
    "contents": [
        {"channel": "email", "language": "fi", "subject": "Vesikatko {{ property.name }}",
         "body": "Hei {{ recipient.first_name|default('asukas') }}, vesi on poikki 12.3. klo 9–12.", "format": "markdown"},
        {"channel": "email", "language": "sv", "subject": "Vattenavbrott {{ property.name }}",
         "body": "Hej {{ recipient.first_name|default('boende') }}, vattnet är avstängt 12.3 kl. 9–12.", "format": "markdown"}
    ],
    "sender": {"name": "Isännöinti Oy", "address": "tiedote@example.fi"},
    "missing_language": "fallback",
    "fallback_language": "fi"
}))]
pub struct MailingRequest {
    /// For the people who send; at most 200 characters.
    #[schema(example = "Vesikatko 12.3.", max_length = 200)]
    pub name: String,
    /// Why it is sent: `emergency`, `service`, `statutory`, `information` or `marketing`. It decides who may be sent it.
    #[schema(value_type = String, pattern = "^(emergency|service|statutory|information|marketing)$", example = "service")]
    pub purpose: Purpose,
    #[serde(default)]
    pub delivery: MailingDelivery,
    /// Those it is addressed to.
    #[serde(default)]
    pub recipients: MailingRecipients,
    /// Those who get a copy, which the others see. Only in a mailing that goes by e-mail alone.
    #[serde(default)]
    pub cc: MailingRecipients,
    /// Those who get a copy that nobody else sees. Only in a mailing that goes by e-mail alone.
    #[serde(default)]
    pub bcc: MailingRecipients,
    /// `individual` (default): each `to` gets a message of its own, those in `cc` and `bcc` share one copy a language. `group`: all
    /// share one message a language, whose contents can have no `recipient.*` and no `property.*`. People whose address is
    /// protected get a message of their own, apart.
    #[serde(default)]
    #[schema(value_type = String, pattern = "^(individual|group)$", default = "individual", example = "individual")]
    pub addressing: Addressing,
    /// One version a channel and language; at most 100.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub contents: Vec<MailingContent>,
    #[serde(default)]
    pub sender: MailingSender,
    /// What happens to people in whose language there is no version: `refuse` the send (default), `fallback` to
    /// `fallback_language`, or `skip` them.
    #[serde(default)]
    #[schema(value_type = String, pattern = "^(refuse|fallback|skip)$", default = "refuse", example = "fallback")]
    pub missing_language: MissingLanguage,
    /// The language (BCP 47) that `fallback` falls back to.
    #[serde(default)]
    #[schema(example = "fi")]
    pub fallback_language: Option<String>,
    /// Whether people who share an address, within a language, get one message: `none` or `address`. By default `none` where a
    /// content uses personal merge fields, else `address`.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^(none|address)$", example = "address")]
    pub dedupe: Option<Dedupe>,
    /// What becomes of a message of which it is not known whether it went out: `hold` it until someone decides, or `resend` it
    /// with the same Message-ID. By default `hold` for marketing, else `resend`.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^(hold|resend)$", example = "resend")]
    pub unknown_outcome: Option<UnknownOutcome>,
    /// What the draft is made for, so that the system that hands it over finds it again; it cannot be changed later.
    #[serde(default)]
    pub origin: Option<MailingOrigin>,
    /// A template to take the content of, in all its languages, in place of what `contents` has for the template's channel. It is
    /// copied: change it afterwards as you like. In a change, null forgets the template and keeps the content.
    #[serde(default)]
    #[schema(nullable = true)]
    pub template_id: Option<Uuid>,
}

/// Over which channels, and how.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailingDelivery {
    /// `fallback`: the first channel that reaches the recipient (default). `all`: every channel.
    #[serde(default)]
    #[schema(value_type = String, pattern = "^(fallback|all)$", default = "fallback", example = "fallback")]
    pub mode: Mode,
    /// The channels, in the order they are tried. A mailing can be composed and previewed for `email`, `sms` and
    /// `internetviesti`, and sent by those that `GET /me` lists.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["email"]))]
    pub channels: Vec<Channel>,
}

/// Who is meant: everyone who matches the filter, everyone named, and addresses that are nobody's in the register. Whoever is
/// meant in `to`, `cc` and `bcc` at once is addressed in the first of them only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailingRecipients {
    /// Whom to find; null for nobody but those named.
    #[serde(default)]
    pub filter: Option<RecipientFilter>,
    /// Parties named one by one; at most 10,000. A person named who cannot be reached is listed with the reason.
    #[serde(default)]
    #[schema(example = json!([1042]))]
    pub party_ids: Vec<i64>,
    /// Addresses written by hand; at most 1,000.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub addresses: Vec<MailingAddress>,
}

/// An e-mail address that is nobody's in the register. It has no `recipient.*` and no `property.*`: a content that uses one without a
/// `|default('…')` leaves it out with `missing_value:…`. It makes no contact, and is never marketed to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailingAddress {
    /// The address alone.
    #[schema(example = "huolto@example.fi")]
    pub email: String,
    /// Whose it is, for the people who send; no recipient sees it. At most 200 characters.
    #[serde(default)]
    #[schema(max_length = 200, example = "Huolto Oy")]
    pub name: Option<String>,
    /// The language (BCP 47) it is written to in.
    #[schema(example = "fi")]
    pub language: String,
}

impl From<MailingRecipients> for domain_mailing::Recipients {
    fn from(MailingRecipients { filter, party_ids, addresses }: MailingRecipients) -> Self {
        let extra = |MailingAddress { email, name, language }| ExtraAddress { email, name, language };
        Self { filter: filter.map(Into::into), party_ids, addresses: addresses.into_iter().map(extra).collect() }
    }
}

impl From<domain_mailing::Recipients> for MailingRecipients {
    fn from(domain_mailing::Recipients { filter, party_ids, addresses }: domain_mailing::Recipients) -> Self {
        let extra = |ExtraAddress { email, name, language }| MailingAddress { email, name, language };
        Self { filter: filter.map(Into::into), party_ids, addresses: addresses.into_iter().map(extra).collect() }
    }
}

/// One version of the content: of one channel, in one language. Subject and body are templates over the merge fields.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailingContent {
    /// The channel this version is for.
    #[schema(value_type = String, example = "email")]
    pub channel: Channel,
    /// BCP 47. The version `sv` also serves people of `sv-FI`.
    #[schema(example = "fi")]
    pub language: String,
    /// Needed for e-mail before it is sent.
    #[serde(default)]
    #[schema(example = "Vesikatko {{ property.name }}")]
    pub subject: Option<String>,
    /// Merge fields in double braces: `recipient.*` (name, first_name, last_name, party_id, email, street, postal_code, city,
    /// language), `property.*` (name, code, kind, street, postal_code, city: of the property by which the recipient was found),
    /// `mailing.name`, `sender.name`, `sender.address`. A field that is empty for a recipient leaves that recipient out with
    /// `missing_value:…`, unless it has a `|default('…')` or stands in an `{% if %}`.
    #[schema(example = "Hei {{ recipient.first_name|default('asukas') }}!")]
    pub body: String,
    /// What the body is written in: `text` (default), `markdown` or `html`.
    #[serde(default)]
    #[schema(value_type = String, pattern = "^(text|markdown|html)$", default = "text", example = "markdown")]
    pub format: Format,
    /// The files that go with this version, in this order: ids that `POST /attachments` gave. At most 10, and 20 MiB together.
    #[serde(default)]
    #[schema(max_items = 10, example = json!([]))]
    pub attachment_ids: Vec<Uuid>,
}

/// Who the message is from.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailingSender {
    /// The name shown.
    #[serde(default)]
    #[schema(example = "Isännöinti Oy")]
    pub name: Option<String>,
    /// The From address; the deployment decides which are allowed (`POSTITUS_SENDERS`).
    #[serde(default)]
    #[schema(example = "tiedote@example.fi")]
    pub address: Option<String>,
    /// Where answers go, if elsewhere.
    #[serde(default)]
    #[schema(example = "asiakaspalvelu@example.fi")]
    pub reply_to: Option<String>,
}

/// What a draft was handed over for, in the words of the system that made it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailingOrigin {
    /// What kind of thing: a letter `a` to `z`, then letters, digits, `_`, `-` and dots.
    #[schema(pattern = "^[a-z][a-z0-9_.-]*$", min_length = 1, max_length = 50, example = "erp.work_order")]
    pub kind: String,
    /// Which of them, in that system's own words: one line.
    #[serde(rename = "ref")]
    #[schema(min_length = 1, max_length = 200, example = "2026-1184")]
    pub reference: String,
}

impl From<MailingOrigin> for Origin {
    fn from(MailingOrigin { kind, reference }: MailingOrigin) -> Self {
        Self { kind, reference }
    }
}

impl From<Origin> for MailingOrigin {
    fn from(Origin { kind, reference }: Origin) -> Self {
        Self { kind, reference }
    }
}

impl From<MailingRequest> for MailingDraft {
    fn from(request: MailingRequest) -> Self {
        let MailingRequest {
            name,
            purpose,
            delivery: MailingDelivery { mode, channels },
            recipients,
            cc,
            bcc,
            addressing,
            contents,
            sender: MailingSender { name: sender_name, address, reply_to },
            missing_language,
            fallback_language,
            dedupe,
            unknown_outcome,
            origin,
            template_id: _,
        } = request;
        Self {
            name,
            purpose,
            delivery: domain_mailing::Delivery { mode, channels },
            recipients: recipients.into(),
            cc: cc.into(),
            bcc: bcc.into(),
            addressing,
            contents: contents
                .into_iter()
                .map(|content| {
                    let MailingContent { channel, language, subject, body, format, attachment_ids } = content;
                    domain_mailing::Content { channel, language, subject, body, format, attachment_ids }
                })
                .collect(),
            sender: domain_mailing::Sender { name: sender_name, address, reply_to },
            missing_language,
            fallback_language,
            dedupe,
            unknown_outcome,
            template: None,
            about: None,
            origin: origin.map(Into::into),
        }
        .normalized()
    }
}

impl From<MailingDraft> for MailingRequest {
    fn from(draft: MailingDraft) -> Self {
        let MailingDraft {
            name,
            purpose,
            delivery: domain_mailing::Delivery { mode, channels },
            recipients,
            cc,
            bcc,
            addressing,
            contents,
            sender: domain_mailing::Sender { name: sender_name, address, reply_to },
            missing_language,
            fallback_language,
            dedupe,
            unknown_outcome,
            template: _,
            about: _,
            origin,
        } = draft;
        Self {
            name,
            purpose,
            delivery: MailingDelivery { mode, channels },
            recipients: recipients.into(),
            cc: cc.into(),
            bcc: bcc.into(),
            addressing,
            contents: contents
                .into_iter()
                .map(|content| {
                    let domain_mailing::Content { channel, language, subject, body, format, attachment_ids } = content;
                    MailingContent { channel, language, subject, body, format, attachment_ids }
                })
                .collect(),
            sender: MailingSender { name: sender_name, address, reply_to },
            missing_language,
            fallback_language,
            dedupe,
            unknown_outcome,
            origin: origin.map(Into::into),
            template_id: None,
        }
    }
}
