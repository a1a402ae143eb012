//! `DELETE /api/v1/recipient-queries/{query_id}`.

use actix_web::{HttpResponse, delete, web};
use domain::recipient_query::SavedId;
use persistence::saved_queries::{self, find};
use uuid::Uuid;

use super::dto::RecipientQuery;
use super::refuse_in_use;
use crate::auth::{Require, perm};
use crate::disclosure::may_see_protected;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Delete a saved query.
///
/// With all its versions. Only one that no draft, no other saved query and no contact list names; what was sent by it stays as it
/// is.
#[utoipa::path(
    operation_id = "deleteRecipientQuery",
    tag = "recipient-queries",
    security(("bearer" = ["lists:write"])),
    params(("query_id" = Uuid, Path, description = "The saved query."), IfMatchHeader),
    responses(
        (status = 204, description = "The saved query is gone."),
        (status = 409, description = "It is named elsewhere: `recipient_query_in_use`; errors tell where.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[delete("/recipient-queries/{query_id}")]
pub async fn delete_recipient_query(
    state: web::Data<AppState>,
    caller: Require<perm::ListsWrite>,
    query_id: web::Path<Uuid>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (query_id, see_protected) = (query_id.into_inner(), may_see_protected(&caller));
    let principal = caller.principal();
    state
        .db
        .write(move |writer| {
            let saved = find(writer, query_id, see_protected)?.ok_or_else(Problem::not_found)?;
            refuse_in_use(writer, SavedId::Query(query_id), &principal)?;
            seen.check(&RecipientQuery::new(saved)?.etag()?)?;
            Ok::<_, Problem>(saved_queries::delete(writer, query_id)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
