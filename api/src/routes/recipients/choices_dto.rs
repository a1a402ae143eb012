//! What there is to choose a filter from, in JSON.

use domain::recipient_query::KnownField;
use persistence::recipient_query::RoleCount;
use serde::Serialize;
use utoipa::ToSchema;

use super::search_dto::LanguageCount;

/// Every field that a condition may name.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientFieldList {
    /// Those of parties, of properties and of contracts; the customer's own after the others of their register.
    pub(super) fields: Vec<RecipientField>,
}

/// A field that a condition may name.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientField {
    /// The condition it belongs to: `party`, `property` or `contract`.
    #[schema(example = "party")]
    pub(super) condition: String,
    /// What the condition calls it; `attributes.NAME` for one of the customer's own.
    #[schema(example = "city")]
    pub(super) field: String,
    /// `text`, `phone`, `word`, `party_kind`, `language`, `country`, `integer`, `number`, `bool` or `date`. New types may appear.
    #[serde(rename = "type")]
    #[schema(example = "text")]
    pub(super) field_type: String,
    /// What may be asked of it.
    #[schema(example = json!(["eq", "ne", "in", "exists"]))]
    pub(super) operators: Vec<String>,
    /// What people call one of the customer's own.
    #[schema(required = true, example = json!(null))]
    pub(super) label: Option<String>,
    /// Whether a condition on it leaves protected parties out, unless the token has the scope `parties:protected`.
    pub(super) protected: bool,
    /// Whether `GET /api/v1/recipients/values` lists its values.
    pub(super) values_listed: bool,
}

impl From<KnownField> for RecipientField {
    fn from(field: KnownField) -> Self {
        let KnownField { subject, name, field_type, label, is_protected, listed } = field;
        Self {
            condition: subject.as_str().to_owned(),
            field: name,
            field_type: field_type.as_str().to_owned(),
            operators: field_type.operators().iter().map(|operator| operator.as_str().to_owned()).collect(),
            label,
            protected: is_protected,
            values_listed: listed.is_some(),
        }
    }
}

/// The roles that somebody holds today.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientRoleList {
    /// By their codes.
    pub(super) roles: Vec<RecipientRole>,
}

/// A role that somebody holds today.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientRole {
    /// The role code.
    #[schema(example = "resident")]
    pub(super) code: String,
    /// How many hold it today, but for the archived and the deceased.
    #[schema(example = 812)]
    pub(super) parties: i64,
}

impl From<RoleCount> for RecipientRole {
    fn from(RoleCount { role, parties }: RoleCount) -> Self {
        Self { code: role, parties }
    }
}

/// The service languages of the people who can be found.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientLanguageList {
    /// By their tags.
    pub(super) languages: Vec<LanguageCount>,
    /// Of how many no language is known, so that the deployment's default is counted for them.
    #[schema(example = 31)]
    pub(super) assumed: i64,
}

/// The values of a field.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientValueList {
    /// Each once, in the order in which they are compared; however they are written, one of each. Those of the customer's own fields
    /// in lower case, as they are compared.
    #[schema(example = json!(["Helsinki", "Hämeenlinna"]))]
    pub(super) values: Vec<String>,
    /// Whether these are all that begin so.
    pub(super) complete: bool,
}
