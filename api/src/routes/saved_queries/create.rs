//! `POST /api/v1/recipient-queries`.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::ids::new_id;
use persistence::saved_queries::{find, insert};

use super::checked;
use super::dto::{RecipientQuery, RecipientQueryRequest};
use crate::auth::{Require, perm};
use crate::disclosure::may_see_protected;
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::state::AppState;

/// Save a query.
///
/// Keeps a recipient filter under a name. It may name other saved queries and contact lists, but not so that it names itself in
/// the end; sizes are those of the filter with all it names in its place.
#[utoipa::path(
    operation_id = "createRecipientQuery",
    tag = "recipient-queries",
    security(("bearer" = ["lists:write"])),
    params(IdempotencyKeyHeader),
    request_body = RecipientQueryRequest,
    responses((
        status = 201,
        description = "The saved query.",
        body = RecipientQuery,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
    )),
)]
#[post("/recipient-queries")]
pub async fn create_recipient_query(
    state: web::Data<AppState>,
    caller: Require<perm::ListsWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<RecipientQueryRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let RecipientQueryRequest { name, filter } = body.into_inner();
    let (filter, query_id) = (filter.into(), new_id());
    let (today, now, by) = (state.today(), state.clock.now(), caller.subject.clone());
    let see_protected = may_see_protected(&caller);
    once(&state, context, move |writer| {
        let name = checked(writer, query_id, (&name, &filter), today)?;
        insert(writer, (query_id, &name, &filter), &by, now)?;
        let saved = find(writer, query_id, see_protected)?.ok_or_else(Problem::not_found)?;
        let body = RecipientQuery::new(saved)?;
        let reply = StoredReply::json(StatusCode::CREATED, &body)?;
        let location = format!("{BASE}/recipient-queries/{query_id}");
        Ok(reply.with_header(&header::LOCATION, location).with_header(&header::ETAG, body.etag()?.as_str()))
    })
    .await
}
