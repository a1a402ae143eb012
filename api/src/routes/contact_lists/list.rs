//! `GET /api/v1/contact-lists`.

use actix_web::{get, web};
use persistence::contact_lists;
use persistence::projects::{self, Side};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{ContactList, ContactListPage};
use crate::auth::{Require, perm};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListContactListsQuery {
    /// How many items a page has, 1 to 200. By default 50.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List contact lists.
///
/// In Finnish order of their names, each with the projects it is linked to.
#[utoipa::path(
    operation_id = "listContactLists",
    tag = "contact-lists",
    security(("bearer" = ["lists:read"])),
    params(ListContactListsQuery),
    responses((status = 200, description = "A page of contact lists.", body = ContactListPage)),
)]
#[get("/contact-lists")]
pub async fn list_contact_lists(
    state: web::Data<AppState>,
    _caller: Require<perm::ListsRead>,
    query: QueryParams<ListContactListsQuery>,
) -> Result<web::Json<ContactListPage>, Problem> {
    let limit = paging::limit(query.limit)?;
    let cursors = state.cursors.of(&"contact-lists");
    let after = query.cursor.as_deref().map(|text| cursors.open(text)?.named()).transpose()?;
    let (rows, mut linked) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let rows = contact_lists::list(reader, after, rows_for(limit))?;
                let ids: Vec<_> = rows.iter().map(|row| row.list_id).collect();
                let linked = projects::linked(reader, Side::ContactList, &ids)?;
                Ok::<_, Problem>((rows, linked))
            })
        })
        .await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: row.sort_key.clone(), id: row.list_id.to_string() });
    let items = rows
        .into_iter()
        .map(|row| {
            let linked = linked.remove(&row.list_id).unwrap_or_default();
            ContactList::new(row, linked)
        })
        .collect();
    Ok(web::Json(ContactListPage { items, next_cursor }))
}
