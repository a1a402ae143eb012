//! `POST /api/v1/contact-lists/{list_id}/members`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use persistence::contact_lists::{self, Added};
use uuid::Uuid;

use super::members_dto::{AddedMembers, ContactListParties};
use super::{named, of_members};
use crate::auth::{Require, perm};
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::problem::Problem;
use crate::state::AppState;

/// How many unknown parties are named.
const NAMED: usize = 100;

/// Put parties on a contact list.
///
/// Up to 10,000 in one call. Who is on it already stays, and who is unknown is left out; the answer tells how many of each.
#[utoipa::path(
    operation_id = "addContactListMembers",
    tag = "contact-lists",
    security(("bearer" = ["lists:write"])),
    params(("list_id" = Uuid, Path, description = "The contact list."), IdempotencyKeyHeader),
    request_body = ContactListParties,
    responses(
        (status = 200, description = "What became of them.", body = AddedMembers),
        (status = 409, description = "It is the list of a query (`contact_list_of_query`), or `request_in_flight`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[post("/contact-lists/{list_id}/members")]
pub async fn add_contact_list_members(
    state: web::Data<AppState>,
    caller: Require<perm::ListsWrite>,
    list_id: web::Path<Uuid>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<ContactListParties>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let (list_id, now) = (list_id.into_inner(), state.clock.now());
    let parties = body.into_inner();
    once(&state, context, move |writer| {
        of_members(writer, list_id)?;
        let ids = named(&parties.party_ids)?;
        let Added { added, already, unknown } = contact_lists::add_members(writer, list_id, &ids, now)?;
        let body = AddedMembers {
            added,
            already,
            unknown: i64::try_from(unknown.len()).unwrap_or(i64::MAX),
            unknown_party_ids: unknown.into_iter().take(NAMED).collect(),
        };
        StoredReply::json(StatusCode::OK, &body)
    })
    .await
}
