//! `GET /api/v1/contact-lists/{list_id}/members`.

use actix_web::{HttpRequest, get, web};
use domain::eligibility::Purpose;
use persistence::recipient_query::{RecipientSearch, details, page_ids};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::condition;
use super::members_dto::{ContactListMember, ContactListMemberPage};
use crate::auth::{Require, perm};
use crate::disclosure::{self, may_see_protected};
use crate::extract::{QueryParams, refused_parameter};
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::recipients::words;
use crate::routes::register::page::{cut, rows_for};
use crate::state::AppState;

/// Which page, and for which kind of message.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListContactListMembersQuery {
    /// Why they would be written to: `emergency`, `service`, `statutory`, `information` (default) or `marketing`.
    #[param(
        required = false,
        nullable = false,
        pattern = "^(emergency|service|statutory|information|marketing)$",
        default = "information",
        example = "service"
    )]
    purpose: Option<String>,
    /// How many items a page has, 1 to 200. By default 50.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List who is on a contact list.
///
/// In Finnish order of their names, each with whether and why not they can be reached. Members who are archived or have died are
/// there, with that reason. A protected party is counted and shown without its identity, unless the token has the scope
/// `parties:protected`; then it is audited that it was shown.
#[utoipa::path(
    operation_id = "listContactListMembers",
    tag = "contact-lists",
    security(("bearer" = ["lists:read"])),
    params(("list_id" = Uuid, Path, description = "The contact list."), ListContactListMembersQuery),
    responses(
        (status = 200, description = "A page of those on the list.", body = ContactListMemberPage),
        (status = 409, description = "Its saved query cannot be used: `contact_list_unusable`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/contact-lists/{list_id}/members")]
pub async fn list_contact_list_members(
    state: web::Data<AppState>,
    caller: Require<perm::ListsRead>,
    list_id: web::Path<Uuid>,
    query: QueryParams<ListContactListMembersQuery>,
    request: HttpRequest,
) -> Result<web::Json<ContactListMemberPage>, Problem> {
    let list_id = list_id.into_inner();
    let limit = paging::limit(query.limit)?;
    let purpose = purpose(query.purpose.as_deref())?;
    let see_protected = may_see_protected(&caller);
    let cursors = state.cursors.of(&("contact-list-members", list_id, see_protected));
    let after = query.cursor.as_deref().map(|text| {
        let cursor = cursors.open(text)?;
        Ok::<_, paging::CursorFault>((cursor.sort.clone(), cursor.numeric_id()?))
    });
    let after = after.transpose()?;
    let (today, default_language) = (state.today(), state.settings.default_language.clone());
    let rows = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let condition = condition(reader, list_id, today)?;
                let default_language = default_language.clone();
                let search = RecipientSearch { condition, today, default_language, see_protected };
                let ids = page_ids(reader, &search, None, after.clone(), rows_for(limit))?;
                Ok::<_, Problem>(details(reader, &ids, today, &search.default_language, None)?)
            })
        })
        .await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: row.sort_key.clone(), id: row.party_id.to_string() });
    if see_protected {
        let seen = rows.iter().filter(|row| row.facts.address_protected).map(|row| row.party_id).collect();
        disclosure::record(&state, &caller, &request, seen).await?;
    }
    let items = rows.into_iter().map(|row| ContactListMember::new(row, purpose, see_protected)).collect();
    Ok(web::Json(ContactListMemberPage { items, next_cursor }))
}

/// The purpose asked for, or information.
pub(super) fn purpose(word: Option<&str>) -> Result<Purpose, Problem> {
    let read = |word| words::purpose("?purpose", word);
    word.map_or(Ok(Purpose::Information), read).map_err(|fault| refused_parameter("purpose", fault.code, fault.message))
}
