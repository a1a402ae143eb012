//! Why one person is in or out, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::filter::RecipientFilter;

/// What one person is held against.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "filter": {"all": [
        {"role": {"codes": ["resident"]}},
        {"property": {"field": "city", "op": "eq", "value": "Vantaa"}}
    ]},
    "channels": ["email"],
    "purpose": "service"
}))]
pub struct ExplainRecipientRequest {
    /// Of at most 50 conditions.
    pub(super) filter: RecipientFilter,
    /// The channels to tell about: `email` or `internetviesti`. By default none.
    #[serde(default)]
    #[schema(example = json!(["email"]), max_items = 4)]
    pub(super) channels: Vec<String>,
    /// Why they would be written to, with `channels`: `emergency`, `service`, `statutory`, `information` or `marketing`.
    #[serde(default)]
    #[schema(example = "service")]
    pub(super) purpose: Option<String>,
}

/// Why one person is found by a filter or not. Null stands for what may not be told of a protected party.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedRecipient {
    /// The ERP's id of the party.
    #[schema(example = 1042)]
    pub(super) party_id: i64,
    /// Whether the party's address is protected.
    pub(super) protected: bool,
    /// Whether a search by this filter finds the person.
    #[schema(required = true, example = false)]
    pub(super) found: Option<bool>,
    /// Whether the filter as a whole is true of the person.
    #[schema(required = true, example = false)]
    pub(super) matches: Option<bool>,
    /// Why no search finds the person, whatever it asks for: `archived` or `deceased`, unless `party_ids` or a list names it. New reasons
    /// may appear.
    #[schema(required = true, example = json!(null))]
    pub(super) not_searched: Option<String>,
    /// Each condition of the filter, in the order written.
    pub(super) conditions: Vec<PersonCondition>,
    /// Each channel asked for.
    pub(super) channels: Vec<ChannelEligibility>,
}

/// One condition, held against one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonCondition {
    /// Where the condition stands in the request.
    #[schema(example = "/filter/all/1")]
    pub(super) pointer: String,
    /// Whether this condition by itself is true of the person. Beside a role in one `all`, a property by itself is that of any
    /// role: `remaining` tells about the same role.
    #[schema(required = true, example = true)]
    pub(super) matches: Option<bool>,
    /// Of the conditions of the topmost `all`: whether this one and all before it are true of the person together.
    #[schema(required = true, example = false)]
    pub(super) remaining: Option<bool>,
    /// The values that the condition compared, at most 20: of a role the codes held that day, of a property those of all its
    /// roles today. Null for conditions that compare none, and without the scope `register:read`.
    #[schema(required = true, example = json!(["Helsinki"]))]
    pub(super) seen: Option<Vec<String>>,
}

/// Whether a person can be reached by a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelEligibility {
    /// The channel.
    #[schema(example = "email")]
    pub(super) channel: String,
    /// Whether a message of the purpose can be sent to the person by it.
    pub(super) eligible: bool,
    /// Why not: for instance `no_email`, `invalid_email`, `no_marketing_permission`, `archived`, `deceased`.
    #[schema(required = true, example = json!(null))]
    pub(super) reason: Option<String>,
}
