//! `GET /api/v1/recipients/values`.

use actix_web::{get, web};
use domain::attribute::{Attributes, written};
use domain::recipient_query::{KnownField, Listed, known_fields};
use persistence::attributes;
use persistence::recipient_query::values;
use serde::Deserialize;
use utoipa::IntoParams;

use super::choices_dto::RecipientValueList;
use crate::auth::{Require, perm};
use crate::extract::{QueryParams, refused_parameter};
use crate::paging;
use crate::problem::Problem;
use crate::state::AppState;

/// Of which field to list the values.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListValuesQuery {
    /// The condition that the field belongs to: `party`, `property` or `contract`.
    #[param(example = "property", pattern = "^(party|property|contract)$")]
    condition: String,
    /// The field, as `GET /api/v1/recipients/fields` names those whose `values_listed` is true.
    #[param(example = "city")]
    field: String,
    /// Only values that begin so, in upper or lower case.
    #[param(required = false, nullable = false, example = "he", max_length = 500)]
    prefix: Option<String>,
    /// How many values at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// List the values of a field.
///
/// To choose from while a filter is being written. Values of protected, archived and deceased parties are not among those of
/// parties, whatever the token's scopes.
#[utoipa::path(
    operation_id = "getRecipientValues",
    tag = "recipients",
    security(("bearer" = ["recipients:search"])),
    params(ListValuesQuery),
    responses((status = 200, description = "The values.", body = RecipientValueList)),
)]
#[get("/recipients/values")]
pub async fn get_recipient_values(
    _caller: Require<perm::RecipientsSearch>,
    query: QueryParams<ListValuesQuery>,
    state: web::Data<AppState>,
) -> Result<web::Json<RecipientValueList>, Problem> {
    let query = query.into_inner();
    let limit = paging::limit(query.limit)?;
    let declared = state.db.read(attributes::declared).await?;
    let (Listed { of, attribute_type }, prefix) = chosen(&query, &declared)?;
    let wanted = i64::from(limit) + 1;
    let mut values = state.db.read(move |reader| values(reader, &of, &prefix, wanted)).await?;
    let complete = values.len() <= usize::try_from(limit).unwrap_or(usize::MAX);
    values.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    if let Some(attribute_type) = attribute_type {
        values = values.iter().map(|form| written(attribute_type, form)).collect();
    }
    Ok(web::Json(RecipientValueList { values, complete }))
}

/// What to list, and the prefix in the form in which values are compared.
fn chosen(query: &ListValuesQuery, declared: &Attributes) -> Result<(Listed, String), Problem> {
    let of_condition: Vec<KnownField> =
        known_fields(declared).into_iter().filter(|field| field.subject.as_str() == query.condition).collect();
    if of_condition.is_empty() {
        let message = "A condition is one of party, property, contract.";
        return Err(refused_parameter("condition", "unknown_value", message));
    }
    let listable = || {
        let names = of_condition.iter().filter(|field| field.listed.is_some()).map(|field| field.name.as_str());
        format!("Values are listed of: {}.", names.collect::<Vec<_>>().join(", "))
    };
    let Some(field) = of_condition.iter().find(|field| field.name == query.field) else {
        return Err(refused_parameter("field", "unknown_field", listable()));
    };
    let Some(listed) = field.listed.clone() else {
        return Err(refused_parameter("field", "values_not_listed", listable()));
    };
    let prefix = match query.prefix.as_deref() {
        None => String::new(),
        Some(prefix) => field.prefix(prefix).ok_or_else(|| {
            refused_parameter("prefix", "prefix_not_allowed", "Numbers have no prefix: leave it out.")
        })?,
    };
    Ok((listed, prefix))
}
