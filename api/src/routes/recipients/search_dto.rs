//! What a recipient search asks and answers, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::filter::RecipientFilter;

/// Whom to look for, and for which kind of message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "channel": "email",
    "purpose": "service",
    "filter": {"all": [
        {"role": {"codes": ["resident"]}},
        {"property": {"field": "property_id", "op": "eq", "value": "1001"}}
    ]}
}))]
pub struct SearchRecipientsRequest {
    /// The channel they are to be reached by: `email` or `internetviesti`. Others are known, but not enabled in this deployment.
    #[schema(example = "email")]
    pub(super) channel: String,
    /// Why they are written to: `emergency`, `service`, `statutory`, `information` or `marketing`.
    #[schema(example = "service")]
    pub(super) purpose: String,
    pub(super) filter: RecipientFilter,
    /// Only those who can (true) or cannot (false) be sent such a message. Narrows the items, not the counts.
    #[serde(default)]
    pub(super) eligible: Option<bool>,
    /// Leave the items out. By default false.
    #[serde(default)]
    pub(super) count_only: bool,
    /// Count every condition of the filter by itself, too; a filter of at most 50 conditions. By default false.
    #[serde(default)]
    pub(super) explain: bool,
    /// How many items a page has, 1 to 200. By default 50.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 200, example = 50)]
    pub(super) limit: Option<u32>,
    /// `next_cursor` of the page before, with everything else unchanged.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub(super) cursor: Option<String>,
}

/// A page of the people found, and the counts of all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientSearchPage {
    /// In Finnish order of their names, then by id.
    pub(super) items: Vec<FoundRecipient>,
    /// Continues the list; null at its end.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
    pub(super) counts: RecipientCounts,
    /// Each condition of the filter, in the order written; empty unless `explain` was asked for.
    pub(super) explain: Vec<ExplainedCondition>,
    /// When `explain` was asked for and nobody matches: the conditions of the topmost `all` whose meeting leaves nobody. Without
    /// any one of them somebody would meet the others. Of a filter that is no `all`, the filter itself.
    #[schema(example = json!(["/filter/all/0", "/filter/all/2"]))]
    pub(super) conflict: Vec<String>,
}

/// How many one condition of the filter matches.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedCondition {
    /// Where the condition stands in the request.
    #[schema(example = "/filter/all/0")]
    pub(super) pointer: String,
    /// How many match this condition by itself.
    #[schema(example = 812)]
    pub(super) alone: i64,
    /// Of the conditions of the topmost `all`: how many match this one and all before it.
    #[schema(required = true, example = 180)]
    pub(super) remaining: Option<i64>,
}

/// A person found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundRecipient {
    /// Null for a protected party, unless the token has the scope `parties:protected`; so are `kind`, `name` and `address`.
    #[schema(required = true, example = 1042)]
    pub(super) party_id: Option<i64>,
    /// Whether the party's address is protected.
    pub(super) protected: bool,
    /// `person` or `company`.
    #[schema(required = true, example = "person")]
    pub(super) kind: Option<String>,
    /// The name; see `party_id`.
    #[schema(required = true, example = "Virtanen Matti")]
    pub(super) name: Option<String>,
    /// The language the party is served in (BCP 47).
    #[schema(example = "fi")]
    pub(super) service_language: String,
    /// Where the language comes from: `party` (its own setting), `contract`, or `assumed` (the deployment's default).
    #[schema(example = "contract")]
    pub(super) language_source: String,
    /// Whether no language is known of the party.
    pub(super) language_assumed: bool,
    /// Whether the party can be sent such a message by this channel.
    pub(super) eligible: bool,
    /// Why not: for instance `no_email`, `invalid_email`, `no_marketing_permission`, `archived`, `deceased`.
    #[schema(required = true, example = json!(null))]
    pub(super) reason: Option<String>,
    /// The reason of every channel asked for.
    pub(super) reasons: Vec<ChannelReason>,
    /// The address that the message would go to.
    #[schema(required = true, example = "matti.virtanen@example.fi")]
    pub(super) address: Option<String>,
}

/// Why a party cannot be reached by a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelReason {
    /// The channel.
    #[schema(example = "email")]
    pub(super) channel: String,
    /// The reason.
    #[schema(example = "no_email")]
    pub(super) code: String,
}

/// How many were found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RecipientCounts {
    /// All that match the filter.
    #[schema(example = 180)]
    pub(in crate::routes) matched: i64,
    /// Those who can be sent such a message.
    #[schema(example = 171)]
    pub(in crate::routes) eligible: i64,
    /// Those whose address is protected.
    #[schema(example = 2)]
    pub(in crate::routes) protected: i64,
    /// Those who cannot, by reason.
    pub(in crate::routes) excluded: Vec<ReasonCount>,
    /// Those who can, by service language.
    pub(in crate::routes) by_language: Vec<LanguageCount>,
}

/// How many are left out for a reason.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReasonCount {
    /// The reason.
    #[schema(example = "no_email")]
    pub reason: String,
    /// How many people.
    #[schema(example = 7)]
    pub count: i64,
}

/// How many are served in a language.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LanguageCount {
    /// The service language (BCP 47).
    #[schema(example = "sv")]
    pub language: String,
    /// How many people.
    #[schema(example = 12)]
    pub count: i64,
}
