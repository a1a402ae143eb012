//! `GET /api/v1/recipient-queries/{query_id}/versions`.

use actix_web::{get, web};
use persistence::saved_queries::{self, find};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::dto::RecipientQueryVersionPage;
use crate::auth::{Require, perm};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRecipientQueryVersionsQuery {
    /// How many items a page has, 1 to 200. By default 50.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List the versions of a saved query.
///
/// Newest first, the current one included.
#[utoipa::path(
    operation_id = "listRecipientQueryVersions",
    tag = "recipient-queries",
    security(("bearer" = ["lists:read"])),
    params(("query_id" = Uuid, Path, description = "The saved query."), ListRecipientQueryVersionsQuery),
    responses((status = 200, description = "A page of its versions.", body = RecipientQueryVersionPage)),
)]
#[get("/recipient-queries/{query_id}/versions")]
pub async fn list_recipient_query_versions(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsRead>,
    query_id: web::Path<Uuid>,
    query: QueryParams<ListRecipientQueryVersionsQuery>,
) -> Result<web::Json<RecipientQueryVersionPage>, Problem> {
    let query_id = query_id.into_inner();
    let limit = paging::limit(query.limit)?;
    let cursors = state.cursors.of(&("recipient-query-versions", query_id));
    let before = query.cursor.as_deref().map(|text| cursors.open(text)?.numeric_id()).transpose()?;
    let rows = state
        .db
        .read(move |reader| {
            find(reader, query_id, false)?.ok_or_else(Problem::not_found)?;
            Ok::<_, Problem>(saved_queries::versions(reader, query_id, before, rows_for(limit))?)
        })
        .await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: Vec::new(), id: row.version.to_string() });
    Ok(web::Json(RecipientQueryVersionPage { items: rows.into_iter().map(Into::into).collect(), next_cursor }))
}
