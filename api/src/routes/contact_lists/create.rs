//! `POST /api/v1/contact-lists`.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::ids::new_id;
use domain::invalid::FieldError;
use domain::naming;
use persistence::contact_lists::{ContactListData, insert};
use persistence::projects::{Side, link};

use super::dto::{ContactList, ContactListRequest};
use super::{check_query, shown};
use crate::auth::{Require, perm};
use crate::extract::JsonBody;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::problem::Problem;
use crate::routes::BASE;
use crate::routes::projects::check_links;
use crate::state::AppState;

/// Create a contact list.
///
/// Of members, who are then put on it with `…/members`; or of a saved query: whoever matches it at the time is on the list.
#[utoipa::path(
    operation_id = "createContactList",
    tag = "contact-lists",
    security(("bearer" = ["lists:write"])),
    params(IdempotencyKeyHeader),
    request_body = ContactListRequest,
    responses((
        status = 201,
        description = "The list.",
        body = ContactList,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")),
    )),
)]
#[post("/contact-lists")]
pub async fn create_contact_list(
    state: web::Data<AppState>,
    caller: Require<perm::ListsWrite>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: JsonBody<ContactListRequest>,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, body.digest()));
    let ContactListRequest { name, description, query_id, project_ids } = body.into_inner();
    let data = data(&name, description.as_deref(), query_id).map_err(Problem::invalid)?;
    let (list_id, project_ids) = (new_id(), project_ids.unwrap_or_default());
    let (today, now, by) = (state.today(), state.clock.now(), caller.subject.clone());
    once(&state, context, move |writer| {
        check_query(writer, list_id, data.query_id, today)?;
        check_links(writer, Side::ContactList, &project_ids)?;
        insert(writer, list_id, &data, &by, now)?;
        link(writer, Side::ContactList, list_id, &project_ids)?;
        let body = shown(writer, list_id)?;
        let reply = StoredReply::json(StatusCode::CREATED, &body)?;
        let location = format!("{BASE}/contact-lists/{list_id}");
        Ok(reply.with_header(&header::LOCATION, location).with_header(&header::ETAG, body.etag()?.as_str()))
    })
    .await
}

/// What is said of a list, in the form that is stored.
pub(super) fn data(
    name: &str,
    description: Option<&str>,
    query_id: Option<uuid::Uuid>,
) -> Result<ContactListData, Vec<FieldError>> {
    match (naming::name("/name", name), naming::description("/description", description)) {
        (Ok(name), Ok(description)) => Ok(ContactListData { name, description, query_id }),
        (name, description) => Err(name.err().into_iter().chain(description.err()).collect()),
    }
}
