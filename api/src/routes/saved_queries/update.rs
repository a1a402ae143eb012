//! `PATCH /api/v1/recipient-queries/{query_id}`.

use actix_web::http::header;
use actix_web::{HttpResponse, patch, web};
use domain::recipient_query::RecipientFilter;
use persistence::saved_queries::{find, update};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::checked;
use super::dto::RecipientQuery;
use crate::auth::{Require, perm};
use crate::disclosure::may_see_protected;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::extract::{JsonBody, not_null};
use crate::problem::Problem;
use crate::routes::recipients::filter;
use crate::state::AppState;

/// What to change of a saved query (JSON Merge Patch, RFC 7396); the filter is replaced as a whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Residents of Koivu and Mänty"}))]
pub struct RecipientQueryPatch {
    /// Its name.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = "Residents of Koivu and Mänty", min_length = 1, max_length = 200)]
    name: Option<String>,
    /// The new filter.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    filter: Option<filter::RecipientFilter>,
}

/// Change a saved query.
///
/// Makes its next version; those before stay readable. Contact lists, filters and drafts that name it mean the new version from
/// now on; what was sent is not changed by it.
#[utoipa::path(
    operation_id = "updateRecipientQuery",
    tag = "recipient-queries",
    security(("bearer" = ["lists:write"])),
    params(("query_id" = Uuid, Path, description = "The saved query."), IfMatchHeader),
    request_body(
        content((RecipientQueryPatch = "application/merge-patch+json"), (RecipientQueryPatch = "application/json")),
        description = "What to change.",
    ),
    responses((status = 200, description = "The saved query as it is now.", body = RecipientQuery, headers(("ETag" = String, description = "Its version.")))),
)]
#[patch("/recipient-queries/{query_id}")]
pub async fn update_recipient_query(
    state: web::Data<AppState>,
    caller: Require<perm::ListsWrite>,
    query_id: web::Path<Uuid>,
    seen: IfMatch,
    body: JsonBody<RecipientQueryPatch>,
) -> Result<HttpResponse, Problem> {
    let (query_id, see_protected) = (query_id.into_inner(), may_see_protected(&caller));
    let RecipientQueryPatch { name, filter } = body.into_inner();
    let filter: Option<RecipientFilter> = filter.map(Into::into);
    let (today, now, by) = (state.today(), state.clock.now(), caller.subject.clone());
    let changed = state
        .db
        .write(move |writer| {
            let before = find(writer, query_id, see_protected)?.ok_or_else(Problem::not_found)?;
            let next = before.version.saturating_add(1);
            let name = name.clone().unwrap_or_else(|| before.name.clone());
            let filter = filter.clone().unwrap_or_else(|| before.filter.clone());
            let name = checked(writer, query_id, (&name, &filter), today)?;
            seen.check(&RecipientQuery::new(before)?.etag()?)?;
            update(writer, (query_id, next, &name, &filter), &by, now)?;
            RecipientQuery::new(find(writer, query_id, see_protected)?.ok_or_else(Problem::not_found)?)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, changed.etag()?.header_value())).json(changed))
}
