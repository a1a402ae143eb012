//! `DELETE /api/v1/contact-lists/{list_id}`.

use actix_web::{HttpResponse, delete, web};
use domain::recipient_query::SavedId;
use persistence::contact_lists;
use uuid::Uuid;

use super::shown;
use crate::auth::{Require, perm};
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::Problem;
use crate::routes::saved_queries::refuse_in_use;
use crate::state::AppState;

/// Delete a contact list.
///
/// Only one that no draft and no saved query names; what was sent to it stays as it is. Its links to projects go with it.
#[utoipa::path(
    operation_id = "deleteContactList",
    tag = "contact-lists",
    security(("bearer" = ["lists:write"])),
    params(("list_id" = Uuid, Path, description = "The contact list."), IfMatchHeader),
    responses(
        (status = 204, description = "The list is gone."),
        (status = 409, description = "It is named elsewhere: `contact_list_in_use`; errors tell where.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[delete("/contact-lists/{list_id}")]
pub async fn delete_contact_list(
    state: web::Data<AppState>,
    caller: Require<perm::ListsWrite>,
    list_id: web::Path<Uuid>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (list_id, principal) = (list_id.into_inner(), caller.principal());
    state
        .db
        .write(move |writer| {
            let list = shown(writer, list_id)?;
            refuse_in_use(writer, SavedId::List(list_id), &principal)?;
            seen.check(&list.etag()?)?;
            Ok::<_, Problem>(contact_lists::delete(writer, list_id)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
