//! A recipient filter in JSON. What it means is decided in `domain::recipient_query`.

use domain::recipient_query as domain_query;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::not_null;

/// Whom to reach: an object with exactly one of its keys set.
///
/// - `all`, `any`: every, or at least one, of the filters in the list. `not`: the party as a whole does not match.
/// - `role`: holds one of the role codes on a day (`on`, by default today; both ends of a role's validity are inclusive).
/// - `party`: a field of the party; `property`: the party has a role, valid today, in such a property or, unless
///   `include_descendants` is false, in anything below it in the tree.
/// - `contract`: the party has such a contract, valid today unless `valid_from` or `valid_to` is asked for.
/// - `role`, `property` and `contract` conditions that stand directly in one `all` speak of one and the same role: `{"all": [{"role":
///   {"codes": ["resident"]}}, {"property": {"field": "city", "op": "eq", "value": "Turku"}}]}` finds those who are residents in
///   Turku, not residents anywhere who own something in Turku. Anything nested deeper speaks for itself.
/// - `text`: every word begins a word of the party's name, e-mail, phone or address, or of the name, code or street of a
///   property of a role valid today.
/// - `party_ids`: these parties. `list_id`: who is on this contact list. `query_id`: who matches this saved query, which speaks for
///   itself wherever it stands.
///
/// A missing value matches no operator but `exists` (`value: "false"`), so `ne` leaves those without a value out, while `not`
/// around `eq` takes them in. Text compares without regard to case; å, ä and ö are letters of their own. Archived and deceased
/// parties match nothing unless `party_ids` or a list of members names them; then they are found, and left out for that reason. Without the scope
/// `parties:protected`, a condition on a protected party's own address or phone leaves that party out, negated or not.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(max_properties = 1, example = json!({"all": [
    {"role": {"codes": ["resident"]}},
    {"property": {"field": "property_id", "op": "eq", "value": "1001"}},
    {"not": {"party": {"field": "service_language", "op": "eq", "value": "sv"}}}
]}))]
pub struct RecipientFilter {
    /// Every one of these; at least one.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    pub all: Option<Vec<RecipientFilter>>,
    /// At least one of these; at least one.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    pub any: Option<Vec<RecipientFilter>>,
    /// Not this.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    pub not: Option<Box<RecipientFilter>>,
    /// A role held.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<RoleCondition>,
    /// A field of the party.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub party: Option<PartyCondition>,
    /// A field of a property of a role.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub property: Option<PropertyCondition>,
    /// A field of a contract.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contract: Option<ContractCondition>,
    /// Words to search by, in any order; at most 20.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "virtanen manner")]
    pub text: Option<String>,
    /// These parties; at least one.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!([1001, 1002]))]
    pub party_ids: Option<Vec<i64>>,
    /// Who is on this contact list.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub list_id: Option<Uuid>,
    /// Who matches this saved query.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub query_id: Option<Uuid>,
}

/// A role held on a day.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleCondition {
    /// At least one of these role codes.
    #[schema(example = json!(["resident", "shareholder"]))]
    pub codes: Vec<String>,
    /// The day the role is valid on: `YYYY-MM-DD`, `today`, `today-30d` or `today+30d`. By default today.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "today")]
    pub on: Option<String>,
}

/// A field of the party compared with a value.
///
/// Fields: `party_id` (number); `kind`, `service_language`, `country` (codes); `name`, `first_name`, `last_name`, `business_id`,
/// `email`, `street`, `postal_code`, `city` (text); `phone` (compared as E.164); `email_marketing`, `phone_marketing` (boolean);
/// and `attributes.NAME`, a declared attribute of parties.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyCondition {
    /// The field.
    #[schema(example = "city")]
    pub field: String,
    /// `eq`, `ne`, `in`, `lt`, `lte`, `gt`, `gte`, `contains`, `starts_with` or `exists`; codes and booleans have fewer.
    #[schema(example = "eq")]
    pub op: String,
    /// The value, numbers and booleans as text; of `exists` `true` or `false`. Not with `in`.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Turku")]
    pub value: Option<String>,
    /// The values of `in`.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub values: Option<Vec<String>>,
}

/// A field of the property compared with a value.
///
/// Fields: `property_id`, `parent_id` (numbers); `kind`, `country` (codes); `code`, `name`, `street`, `postal_code`, `city`
/// (text); and `attributes.NAME`, a declared attribute of properties.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertyCondition {
    /// The field.
    #[schema(example = "property_id")]
    pub field: String,
    /// As of a party condition.
    #[schema(example = "eq")]
    pub op: String,
    /// The value, as of a party condition.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1001")]
    pub value: Option<String>,
    /// The values of `in`.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub values: Option<Vec<String>>,
    /// Whether everything below the chosen properties is chosen too. By default true.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = true)]
    pub include_descendants: Option<bool>,
}

/// A field of a contract compared with a value.
///
/// Fields: `contract_id`, `property_id` (numbers); `kind`, `language` (codes); `valid_from`, `valid_to`, `points_enrolled_on`
/// (days: `YYYY-MM-DD`, `today`, `today-30d`, `today+30d`); `points_enrolled` (boolean).
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractCondition {
    /// The field.
    #[schema(example = "valid_to")]
    pub field: String,
    /// As of a party condition.
    #[schema(example = "lt")]
    pub op: String,
    /// The value, as of a party condition.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "today+30d")]
    pub value: Option<String>,
    /// The values of `in`.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub values: Option<Vec<String>>,
}

impl From<RecipientFilter> for domain_query::RecipientFilter {
    fn from(filter: RecipientFilter) -> Self {
        let RecipientFilter { all, any, not, role, party, property, contract, text, party_ids, list_id, query_id } =
            filter;
        Self {
            all: all.map(|filters| filters.into_iter().map(Into::into).collect()),
            any: any.map(|filters| filters.into_iter().map(Into::into).collect()),
            not: not.map(|filter| Box::new((*filter).into())),
            role: role.map(|RoleCondition { codes, on }| domain_query::RoleTest { codes, on }),
            party: party.map(|PartyCondition { field, op, value, values }| domain_query::FieldTest {
                field,
                op,
                value,
                values,
            }),
            property: property.map(|PropertyCondition { field, op, value, values, include_descendants }| {
                domain_query::PropertyTest { field, op, value, values, include_descendants }
            }),
            contract: contract.map(|ContractCondition { field, op, value, values }| domain_query::FieldTest {
                field,
                op,
                value,
                values,
            }),
            text,
            party_ids,
            list_id,
            query_id,
        }
    }
}

impl From<domain_query::RecipientFilter> for RecipientFilter {
    fn from(filter: domain_query::RecipientFilter) -> Self {
        let domain_query::RecipientFilter {
            all,
            any,
            not,
            role,
            party,
            property,
            contract,
            text,
            party_ids,
            list_id,
            query_id,
        } = filter;
        Self {
            all: all.map(|filters| filters.into_iter().map(Into::into).collect()),
            any: any.map(|filters| filters.into_iter().map(Into::into).collect()),
            not: not.map(|filter| Box::new((*filter).into())),
            role: role.map(|domain_query::RoleTest { codes, on }| RoleCondition { codes, on }),
            party: party.map(|domain_query::FieldTest { field, op, value, values }| PartyCondition {
                field,
                op,
                value,
                values,
            }),
            property: property.map(|domain_query::PropertyTest { field, op, value, values, include_descendants }| {
                PropertyCondition { field, op, value, values, include_descendants }
            }),
            contract: contract.map(|domain_query::FieldTest { field, op, value, values }| ContractCondition {
                field,
                op,
                value,
                values,
            }),
            text,
            party_ids,
            list_id,
            query_id,
        }
    }
}
