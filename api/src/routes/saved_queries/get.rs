//! `GET /api/v1/recipient-queries/{query_id}`.

use actix_web::{HttpResponse, get, web};
use persistence::saved_queries::find;
use uuid::Uuid;

use super::dto::RecipientQuery;
use crate::auth::{Require, perm};
use crate::disclosure::may_see_protected;
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a saved query.
///
/// With what its newest run counted.
#[utoipa::path(
    operation_id = "getRecipientQuery",
    tag = "recipient-queries",
    security(("bearer" = ["lists:read"])),
    params(("query_id" = Uuid, Path, description = "The saved query."), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The saved query.", body = RecipientQuery, headers(("ETag" = String, description = "The version of what is shown."))),
        (status = 304, description = "You have this version."),
    ),
)]
#[get("/recipient-queries/{query_id}")]
pub async fn get_recipient_query(
    state: web::Data<AppState>,
    caller: Require<perm::ListsRead>,
    query_id: web::Path<Uuid>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let (query_id, see_protected) = (query_id.into_inner(), may_see_protected(&caller));
    let found = state.db.read(move |reader| Ok::<_, Problem>(find(reader, query_id, see_protected)?)).await?;
    let body = RecipientQuery::new(found.ok_or_else(Problem::not_found)?)?;
    Ok(seen.answer(&body.etag()?, &body))
}
