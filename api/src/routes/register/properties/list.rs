//! `GET /api/v1/properties`.

use actix_web::{get, web};
use domain::register::PropertyId;
use persistence::properties::{self, PropertyFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{PropertyPage, PropertyResponse};
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::extract::{QueryParams, refused_parameter};
use crate::paging::{self, Cursor, ListCursors};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::register::search_words::search_words;
use crate::state::AppState;

/// Which properties to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPropertiesQuery {
    /// At most 20 words in any order and case. Each must begin some word of the property's name, code or street. å, ä and ö
    /// are letters of their own.
    #[param(required = false, nullable = false, example = "mäkikatu a")]
    q: Option<String>,
    /// Only the properties right below this one.
    #[param(required = false, nullable = false, example = 31)]
    parent_id: Option<i64>,
    /// Only the tops of the trees. Not together with `parent_id`.
    #[serde(default)]
    #[param(required = false, default = false)]
    roots: bool,
    /// Only properties of this kind, in the ERP's word.
    #[param(required = false, nullable = false, example = "unit")]
    kind: Option<String>,
    /// How many properties a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List and search properties.
///
/// In Finnish order of their names. Walk the tree with `roots=true`, then with `parent_id` of each one found.
#[utoipa::path(
    operation_id = "listProperties",
    tag = "properties",
    security(("bearer" = ["register:read"])),
    params(ListPropertiesQuery),
    responses((status = 200, description = "A page of properties.", body = PropertyPage)),
)]
#[get("/properties")]
pub async fn list_properties(
    _caller: Require<RegisterRead>,
    query: QueryParams<ListPropertiesQuery>,
    state: web::Data<AppState>,
) -> Result<web::Json<PropertyPage>, Problem> {
    let ListPropertiesQuery { q, parent_id, roots, kind, limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    if roots && parent_id.is_some() {
        return Err(refused_parameter("roots", "contradictory", "What has a parent is no root: give one of the two."));
    }
    let filter = PropertyFilter { words: search_words("q", q.as_deref())?, parent_id, roots, kind };
    let cursors = state.cursors.of(&("properties", &filter.words, parent_id, roots, &filter.kind));
    let after = cursor.map(|cursor| position(&cursor, &cursors)).transpose()?;
    let wanted = rows_for(limit);
    let rows = state.db.read(move |reader| Ok::<_, Problem>(properties::list(reader, &filter, after, wanted)?)).await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| Cursor {
        sort: row.sort_key.clone(),
        id: row.property.property_id.to_string(),
    });
    let items = rows.into_iter().map(|row| PropertyResponse::from(row.property)).collect();
    Ok(web::Json(PropertyPage { items, next_cursor }))
}

fn position(cursor: &str, cursors: &ListCursors) -> Result<(Vec<u8>, PropertyId), Problem> {
    let cursor = cursors.open(cursor)?;
    let property_id = cursor.numeric_id()?;
    Ok((cursor.sort, property_id))
}
