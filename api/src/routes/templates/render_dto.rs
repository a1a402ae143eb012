//! What a rendered template is asked for and answers.

use domain::template::{EmptyField, Why};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// For whom to render a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"party_id": 100_016}))]
pub struct RenderTemplateRequest {
    /// The recipient.
    #[schema(minimum = 1, example = 100_016)]
    pub party_id: i64,
    /// The language (BCP 47) to show it in; by default the party's service language.
    #[serde(default)]
    #[schema(example = "sv")]
    pub language: Option<String>,
    /// A version of the template; by default the newest.
    #[serde(default)]
    #[schema(minimum = 1, example = json!(null))]
    pub version: Option<i64>,
}

/// A merge field that is used and has no value for the recipient.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmptyMergeField {
    /// The field.
    #[schema(example = "recipient.first_name")]
    name: String,
    /// Whether a mailing would leave the recipient out for it: its place has no `default` and stands in no `if`.
    excludes: bool,
}

/// A template as a recipient would get it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RenderedTemplate {
    /// The template.
    pub template_id: Uuid,
    /// Its version.
    #[schema(example = 3)]
    pub version: i64,
    /// The recipient.
    #[schema(example = 100_016)]
    pub party_id: i64,
    /// Whether the recipient's address is protected.
    pub protected: bool,
    /// The party's service language.
    #[schema(example = "sv-FI")]
    pub service_language: String,
    /// The language of the version shown.
    #[schema(example = "sv")]
    pub content_language: String,
    /// Why that version: `asked_language`, `service_language`, `default_language` or `first_version`. A mailing has no other
    /// languages than the first two, unless its `fallback_language` says so.
    #[schema(value_type = String, example = "service_language")]
    pub chosen_by: Why,
    /// On one line; null where the version has none.
    #[schema(required = true, example = "Vattenavbrott Asunto Oy Esimerkki")]
    pub subject: Option<String>,
    /// The text version. The name of a field in brackets stands where a value is missing.
    #[schema(example = "Hej Matti, vattnet är avstängt.")]
    pub text: String,
    /// The HTML version of `markdown` and `html`; for `internetviesti` always, made safe as portals get it.
    #[schema(required = true, example = "<p>Hej Matti, vattnet är avstängt.</p>")]
    pub html: Option<String>,
    /// Fields in use that have no value for this recipient.
    pub empty_fields: Vec<EmptyMergeField>,
    /// Fields in use that only a mailing has a value for: their examples are shown.
    #[schema(example = json!(["sender.name"]))]
    pub example_fields: Vec<String>,
    /// Fields in use that tell where a protected party lives, and that the token may not see.
    #[schema(example = json!([]))]
    pub withheld_fields: Vec<String>,
}

impl From<EmptyField> for EmptyMergeField {
    fn from(field: EmptyField) -> Self {
        let EmptyField { name, excludes } = field;
        Self { name, excludes }
    }
}
