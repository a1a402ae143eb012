//! `GET /api/v1/attributes`.

use actix_web::{get, web};
use persistence::attributes::{self, StoredAttribute};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{AttributePage, AttributeResponse};
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::cut;
use crate::state::AppState;

/// Which page of the attributes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAttributesQuery {
    /// How many attributes a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List declared attributes.
///
/// The customer's own fields of parties and properties that have a type and can be searched by; at most 100 of each register.
#[utoipa::path(
    operation_id = "listAttributes",
    tag = "attributes",
    security(("bearer" = ["register:read"])),
    params(ListAttributesQuery),
    responses((status = 200, description = "A page of attributes.", body = AttributePage)),
)]
#[get("/attributes")]
pub async fn list_attributes(
    _caller: Require<RegisterRead>,
    query: QueryParams<ListAttributesQuery>,
    state: web::Data<AppState>,
) -> Result<web::Json<AttributePage>, Problem> {
    let ListAttributesQuery { limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    let cursors = state.cursors.of(&"attributes");
    let after = cursor.map(|cursor| cursors.open(&cursor)).transpose()?;
    // There are so few that all are read.
    let mut stored = state.db.read(attributes::list).await?;
    if let Some(after) = after {
        stored.retain(|one| place(one) > after.id);
    }
    let (stored, next_cursor) = cut(stored, limit, &cursors, |one| Cursor { sort: Vec::new(), id: place(one) });
    Ok(web::Json(AttributePage { items: stored.into_iter().map(AttributeResponse::from).collect(), next_cursor }))
}

/// Where an attribute stands in the list.
fn place(StoredAttribute { attribute, version: _ }: &StoredAttribute) -> String {
    format!("{} {}", attribute.register.as_str(), attribute.name)
}
