//! `POST /api/v1/contact-lists/{list_id}/members/remove`.

use actix_web::{post, web};
use persistence::contact_lists;
use uuid::Uuid;

use super::members_dto::{ContactListParties, RemovedMembers};
use super::{named, of_members};
use crate::auth::{Require, perm};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

/// Take parties off a contact list.
///
/// Up to 10,000 in one call; the answer tells how many were on it. What was sent to them stays as it is.
#[utoipa::path(
    operation_id = "removeContactListMembers",
    tag = "contact-lists",
    security(("bearer" = ["lists:write"])),
    params(("list_id" = Uuid, Path, description = "The contact list.")),
    request_body = ContactListParties,
    responses(
        (status = 200, description = "What became of them.", body = RemovedMembers),
        (status = 409, description = "It is the list of a query: `contact_list_of_query`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[post("/contact-lists/{list_id}/members/remove")]
pub async fn remove_contact_list_members(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsWrite>,
    list_id: web::Path<Uuid>,
    body: JsonBody<ContactListParties>,
) -> Result<web::Json<RemovedMembers>, Problem> {
    let (list_id, now) = (list_id.into_inner(), state.clock.now());
    let parties = body.into_inner();
    let (removed, named) = state
        .db
        .write(move |writer| {
            of_members(writer, list_id)?;
            let ids = named(&parties.party_ids)?;
            Ok::<_, Problem>((contact_lists::remove_members(writer, list_id, &ids, now)?, ids.len()))
        })
        .await?;
    let not_on_it = i64::try_from(named).unwrap_or(i64::MAX).saturating_sub(removed);
    Ok(web::Json(RemovedMembers { removed, not_on_it }))
}
