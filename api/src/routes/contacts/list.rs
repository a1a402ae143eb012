//! `GET /api/v1/contacts`.

use std::collections::HashMap;

use actix_web::{HttpRequest, get, web};
use chrono::{DateTime, NaiveDate, Utc};
use domain::internetviesti::InternetviestiId;
use domain::register::PartyId;
use persistence::contacts::{self, StoredContact};
use persistence::mailings::StoredMailing;
use persistence::{Reader, parties, recipient_query};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::content::{self, Said};
use super::dto::{ContactPage, ContactResponse};
use crate::auth::Require;
use crate::auth::perm::ContactsRead;
use crate::disclosure::{self, may_see_protected};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor, ListCursors};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::register::visibility::{Visibility, disclosed};
use crate::state::AppState;

/// Which contacts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListContactsQuery {
    /// Whose contacts.
    #[param(example = 1042)]
    party_id: i64,
    /// How many contacts a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// List a party's contacts.
///
/// Newest first, each with what was said. 404 when there is no such party. Of a protected party, address, content and mailing
/// are null without the scope `parties:protected`; with it they are shown, and it is audited that they were.
#[utoipa::path(
    operation_id = "listContacts",
    tag = "contacts",
    security(("bearer" = ["contacts:read"])),
    params(ListContactsQuery),
    responses((status = 200, description = "A page of contacts.", body = ContactPage)),
)]
#[get("/contacts")]
pub async fn list_contacts(
    caller: Require<ContactsRead>,
    query: QueryParams<ListContactsQuery>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<web::Json<ContactPage>, Problem> {
    let ListContactsQuery { party_id, limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    let see_protected = may_see_protected(&caller);
    let cursors = state.cursors.of(&("contacts", party_id));
    let before = cursor.map(|cursor| position(&cursor, &cursors)).transpose()?;
    let (today, default_language) = (state.today(), state.settings.default_language.clone());
    let found = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| find(reader, party_id, see_protected, before, limit, (today, &default_language)))
        })
        .await?;
    let Found { contacts, mailings, portal, visibility } = found;
    let (contacts, next_cursor) = cut(contacts, limit, &cursors, cursor_of);
    let party_ids = disclosed(contacts.iter().map(|stored| (stored.contact.party_id, visibility)));
    disclosure::record(&state, &caller, &request, party_ids).await?;
    let items = web::block(move || {
        let rendered = content::render(&contacts, mailings, portal);
        contacts.into_iter().zip(rendered).map(|(stored, said)| ContactResponse::of(stored, said, visibility)).collect()
    });
    Ok(web::Json(ContactPage { items: items.await.map_err(Problem::internal)?, next_cursor }))
}

struct Found {
    contacts: Vec<StoredContact>,
    /// Empty where the caller does not see the content anyway.
    mailings: HashMap<Uuid, StoredMailing>,
    /// What messages in the portal said; empty likewise.
    portal: HashMap<InternetviestiId, Said>,
    visibility: Visibility,
}

fn find(
    reader: &mut Reader<'_>,
    party_id: PartyId,
    see_protected: bool,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: u32,
    (today, default_language): (NaiveDate, &str),
) -> Result<Found, Problem> {
    let party = parties::find(reader, party_id)?.ok_or_else(Problem::not_found)?.party;
    let visibility = Visibility::of(party.address_protected, see_protected);
    let contacts = contacts::of_party(reader, party_id, before, rows_for(limit))?;
    let (mailings, portal) = match visibility {
        Visibility::Redacted => Default::default(),
        Visibility::Open | Visibility::Disclosed => {
            let language = recipient_query::service_language(reader, party_id, today, default_language)?;
            let language = language.map(|found| found.language).unwrap_or_default();
            (content::mailings_of(reader, &contacts)?, content::portal_messages(reader, &contacts, &language)?)
        }
    };
    Ok(Found { contacts, mailings, portal, visibility })
}

fn cursor_of(stored: &StoredContact) -> Cursor {
    Cursor::at(stored.contact.occurred_at, stored.contact.contact_id)
}

fn position(cursor: &str, cursors: &ListCursors) -> Result<(DateTime<Utc>, Uuid), Problem> {
    let cursor = cursors.open(cursor)?;
    Ok((cursor.instant()?, cursor.uuid()?))
}

#[cfg(test)]
mod tests {
    use domain::contact::Contact;
    use domain::eligibility::Channel;
    use domain::ids::new_id;

    use super::*;

    #[test]
    fn a_cursor_keeps_the_instant_exactly() {
        let time: DateTime<Utc> = "2026-06-15T09:00:00.123456Z".parse().unwrap();
        let contact = Contact::of_mailing(new_id(), 7, Channel::Email, time, new_id(), new_id());
        let cursors = crate::testing::state().cursors.of(&("contacts", 7));
        let cursor = cursors.seal(&cursor_of(&StoredContact { contact: contact.clone(), row_no: None, row: None }));
        assert_eq!(position(&cursor, &cursors).unwrap(), (time, contact.contact_id));
    }

    #[test]
    fn a_cursor_with_a_broken_instant_is_refused() {
        let cursors = crate::testing::state().cursors.of(&("contacts", 7));
        for sort in [vec![], vec![1, 2, 3], i64::MAX.to_be_bytes().to_vec()] {
            let cursor = cursors.seal(&Cursor { sort, id: new_id().to_string() });
            assert_eq!(position(&cursor, &cursors).unwrap_err().code(), crate::problem::Code::InvalidCursor);
        }
    }
}
