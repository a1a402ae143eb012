//! `GET /api/v1/internetviestit/{internetviesti_id}/muutokset`.

use actix_web::{get, web};
use persistence::internetviestit::{Change, changes, find};

use super::muokkaus_dto::InternetviestiMuutosPage;
use super::yksi::SivuQuery;
use crate::auth::Require;
use crate::auth::perm::InternetviestitRead;
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// List the changes of a message.
///
/// Who changed it, when, and what it said from then on; newest first.
#[utoipa::path(
    operation_id = "listInternetviestiMuutokset",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(("internetviesti_id" = i64, Path, description = "The message.", example = 1207), SivuQuery),
    responses((status = 200, description = "A page of changes.", body = InternetviestiMuutosPage)),
)]
#[get("/internetviestit/{internetviesti_id}/muutokset")]
pub async fn list_internetviesti_muutokset(
    _caller: Require<InternetviestitRead>,
    internetviesti_id: web::Path<i64>,
    query: QueryParams<SivuQuery>,
    state: web::Data<AppState>,
) -> Result<web::Json<InternetviestiMuutosPage>, Problem> {
    let id = internetviesti_id.into_inner();
    let SivuQuery { limit, cursor } = query.into_inner();
    let (limit, cursors) = (paging::limit(limit)?, state.cursors.of(&("muutokset", id)));
    let before = match cursor {
        Some(cursor) => Some(cursors.open(&cursor)?.numeric_id()?),
        None => None,
    };
    let found = state
        .db
        .read(move |reader| {
            find(reader, id)?.ok_or_else(Problem::not_found)?;
            Ok::<_, Problem>(changes(reader, id, before, rows_for(limit))?)
        })
        .await?;
    let position = |change: &Change| Cursor { sort: Vec::new(), id: change.version.to_string() };
    let (found, next_cursor) = cut(found, limit, &cursors, position);
    Ok(web::Json(InternetviestiMuutosPage { items: found.into_iter().map(Into::into).collect(), next_cursor }))
}
