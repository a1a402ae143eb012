//! `GET /api/v1/recipient-queries`.

use actix_web::{get, web};
use persistence::saved_queries;
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{RecipientQuery, RecipientQueryPage};
use crate::auth::{Require, perm};
use crate::disclosure::may_see_protected;
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRecipientQueriesQuery {
    /// How many items a page has, 1 to 200. By default 50.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List saved queries.
///
/// In Finnish order of their names, each with what its newest run counted.
#[utoipa::path(
    operation_id = "listRecipientQueries",
    tag = "recipient-queries",
    security(("bearer" = ["lists:read"])),
    params(ListRecipientQueriesQuery),
    responses((status = 200, description = "A page of saved queries.", body = RecipientQueryPage)),
)]
#[get("/recipient-queries")]
pub async fn list_recipient_queries(
    state: web::Data<AppState>,
    caller: Require<perm::ListsRead>,
    query: QueryParams<ListRecipientQueriesQuery>,
) -> Result<web::Json<RecipientQueryPage>, Problem> {
    let limit = paging::limit(query.limit)?;
    let cursors = state.cursors.of(&"recipient-queries");
    let after = query.cursor.as_deref().map(|text| cursors.open(text)?.named()).transpose()?;
    let see_protected = may_see_protected(&caller);
    let read = move |reader: &mut persistence::Reader<'_>| {
        Ok::<_, Problem>(saved_queries::list(reader, see_protected, after, rows_for(limit))?)
    };
    let rows = state.db.read(read).await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: row.sort_key.clone(), id: row.query_id.to_string() });
    let items = rows.into_iter().map(RecipientQuery::new).collect::<Result<_, _>>()?;
    Ok(web::Json(RecipientQueryPage { items, next_cursor }))
}
