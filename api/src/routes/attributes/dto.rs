//! A declared attribute in JSON.

use persistence::attributes::StoredAttribute;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::patch::{Patch, not_null};

/// A field of the customer's own, of parties or of properties.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attribute)]
pub struct AttributeResponse {
    /// Whose field it is: `party` or `property`.
    #[schema(example = "party")]
    register: String,
    /// The name of the member in `attributes` of a party or property. Filters call it `attributes.NAME`.
    #[schema(example = "customer_class")]
    name: String,
    /// `string`, `number`, `bool` or `date`. New types may appear.
    #[serde(rename = "type")]
    #[schema(example = "string")]
    attribute_type: String,
    /// What people call it.
    #[schema(required = true, example = "Asiakasluokka")]
    label: Option<String>,
}

impl From<StoredAttribute> for AttributeResponse {
    fn from(StoredAttribute { attribute, version: _ }: StoredAttribute) -> Self {
        Self {
            register: attribute.register.as_str().to_owned(),
            name: attribute.name,
            attribute_type: attribute.attribute_type.as_str().to_owned(),
            label: attribute.label,
        }
    }
}

/// A page of declared attributes.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttributePage {
    /// By register and name.
    pub(super) items: Vec<AttributeResponse>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}

/// What is declared of an attribute.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutAttributeRequest, example = json!({"type": "string", "label": "Asiakasluokka"}))]
pub struct AttributeRequest {
    /// `string` (at most 500 characters), `number` (at most 2^53 − 1), `bool`, or `date` (a string `YYYY-MM-DD`).
    #[serde(rename = "type")]
    #[schema(example = "string", pattern = "^(string|number|bool|date)$")]
    pub(super) attribute_type: String,
    /// What people call it.
    #[serde(default)]
    #[schema(example = "Asiakasluokka", min_length = 1, max_length = 200)]
    pub(super) label: Option<String>,
}

/// What to change of an attribute (JSON Merge Patch, RFC 7396): what is left out stays, null takes the label away.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"label": "Luokka"}))]
pub struct AttributePatch {
    /// As in PUT.
    #[serde(rename = "type", default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = "string", pattern = "^(string|number|bool|date)$")]
    pub(super) attribute_type: Option<String>,
    /// As in PUT.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Luokka", min_length = 1, max_length = 200)]
    pub(super) label: Patch<String>,
}
