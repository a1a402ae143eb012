//! `GET /api/v1/contact-lists/{list_id}`.

use actix_web::{HttpResponse, get, web};
use uuid::Uuid;

use super::dto::ContactList;
use super::shown;
use crate::auth::{Require, perm};
use crate::etag::{IfNoneMatch, IfNoneMatchHeader};
use crate::problem::Problem;
use crate::state::AppState;

/// Read a contact list.
///
/// What it is, and the projects it is linked to. Who is on it is below `…/members`, and how many of them can be reached below
/// `…/reach`.
#[utoipa::path(
    operation_id = "getContactList",
    tag = "contact-lists",
    security(("bearer" = ["lists:read"])),
    params(("list_id" = Uuid, Path, description = "The contact list."), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The list.", body = ContactList, headers(("ETag" = String, description = "The version of what is shown."))),
        (status = 304, description = "You have this version."),
    ),
)]
#[get("/contact-lists/{list_id}")]
pub async fn get_contact_list(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsRead>,
    list_id: web::Path<Uuid>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let list_id = list_id.into_inner();
    let body = state.db.read(move |reader| reader.snapshot(|reader| shown(reader, list_id))).await?;
    Ok(seen.answer(&body.etag()?, &body))
}
