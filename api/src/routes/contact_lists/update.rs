//! `PATCH /api/v1/contact-lists/{list_id}`.

use actix_web::http::header;
use actix_web::{HttpResponse, patch, web};
use domain::invalid::FieldError;
use persistence::contact_lists::{find, update};
use persistence::projects::{Side, link};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::create::data;
use super::dto::ContactList;
use super::{check_query, shown};
use crate::auth::{Require, perm};
use crate::etag::{IfMatch, IfMatchHeader};
use crate::extract::{JsonBody, not_null};
use crate::patch::Patch;
use crate::problem::Problem;
use crate::routes::projects::check_links;
use crate::state::AppState;

/// What to change of a contact list (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Yard volunteers 2027", "description": null}))]
pub struct ContactListPatch {
    /// Its name.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, example = "Yard volunteers 2027", min_length = 1, max_length = 200)]
    name: Option<String>,
    /// What it is for; null for nothing.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = json!(null), max_length = 2000)]
    description: Patch<String>,
    /// Another saved query, for the list of one. A list of members stays one.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    query_id: Option<Uuid>,
    /// The projects it is linked to, all of them; at most 200.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, max_items = 200, example = json!([]))]
    project_ids: Option<Vec<Uuid>>,
}

/// Change a contact list.
///
/// A JSON Merge Patch. Who is on a list of members is changed below `…/members`.
#[utoipa::path(
    operation_id = "updateContactList",
    tag = "contact-lists",
    security(("bearer" = ["lists:write"])),
    params(("list_id" = Uuid, Path, description = "The contact list."), IfMatchHeader),
    request_body(
        content((ContactListPatch = "application/merge-patch+json"), (ContactListPatch = "application/json")),
        description = "What to change.",
    ),
    responses((status = 200, description = "The list as it is now.", body = ContactList, headers(("ETag" = String, description = "Its version.")))),
)]
#[patch("/contact-lists/{list_id}")]
pub async fn update_contact_list(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsWrite>,
    list_id: web::Path<Uuid>,
    seen: IfMatch,
    body: JsonBody<ContactListPatch>,
) -> Result<HttpResponse, Problem> {
    let list_id = list_id.into_inner();
    let patch = body.into_inner();
    let (today, now) = (state.today(), state.clock.now());
    let changed = state
        .db
        .write(move |writer| {
            let before = find(writer, list_id)?.ok_or_else(Problem::not_found)?;
            let ContactListPatch { name, description, query_id, project_ids } = patch.clone();
            if query_id.is_some() && before.data.query_id.is_none() {
                let message = "A list of members stays one; create another list for the query.";
                return Err(FieldError::new("/query_id", "list_of_members", message).into());
            }
            let mut described = before.data.description;
            description.apply(&mut described);
            let name = name.unwrap_or(before.data.name);
            let data =
                data(&name, described.as_deref(), query_id.or(before.data.query_id)).map_err(Problem::invalid)?;
            if query_id.is_some() {
                check_query(writer, list_id, query_id, today)?;
            }
            if let Some(ids) = &project_ids {
                check_links(writer, Side::ContactList, ids)?;
            }
            seen.check(&shown(writer, list_id)?.etag()?)?;
            update(writer, list_id, &data, now)?;
            if let Some(ids) = &project_ids {
                link(writer, Side::ContactList, list_id, ids)?;
            }
            shown(writer, list_id)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, changed.etag()?.header_value())).json(changed))
}
