//! Contact lists: people put on a list one by one or in bulk, or whoever matches a saved query.

pub mod add_members;
pub mod create;
pub mod delete;
pub mod dto;
pub mod get;
pub mod list;
pub mod members;
pub mod members_dto;
pub mod reach;
pub mod remove_members;
pub mod update;

use chrono::NaiveDate;
use domain::invalid::FieldError;
use domain::recipient_query::{Condition, RecipientFilter, SavedId, check};
use domain::register::{MAX_ID, PartyId};
use persistence::contact_lists::{StoredContactList, find};
use persistence::projects::{self, Side};
use persistence::{Reader, saved_queries};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use self::dto::ContactList;
use crate::problem::{Code, Problem};

/// The most parties named in one call.
const MAX_PARTIES: usize = 10_000;

/// A contact list as it is shown.
fn shown(reader: &mut Reader<'_>, list_id: Uuid) -> Result<ContactList, Problem> {
    let stored = find(reader, list_id)?.ok_or_else(Problem::not_found)?;
    let linked = projects::linked(reader, Side::ContactList, &[list_id])?.remove(&list_id).unwrap_or_default();
    Ok(ContactList::new(stored, linked))
}

/// A list of members, for the transaction that changes who is on it.
fn of_members(reader: &mut Reader<'_>, list_id: Uuid) -> Result<StoredContactList, Problem> {
    let list = find(reader, list_id)?.ok_or_else(Problem::not_found)?;
    match list.data.query_id {
        None => Ok(list),
        Some(query_id) => {
            let detail =
                format!("Whoever matches the saved query {query_id} is on this list; change that query instead.");
            Err(Problem::new(Code::ContactListOfQuery, detail))
        }
    }
}

/// Refuses the saved query of a list when it cannot be used, or names the list itself.
fn check_query(
    reader: &mut Reader<'_>,
    list_id: Uuid,
    query_id: Option<Uuid>,
    today: NaiveDate,
) -> Result<(), Problem> {
    let Some(query_id) = query_id else { return Ok(()) };
    let filter = RecipientFilter { query_id: Some(query_id), ..RecipientFilter::default() };
    let mut known = saved_queries::known(reader, today, [&filter])?;
    known.saved.within = Some(SavedId::List(list_id));
    check(&filter, "", &known)?;
    Ok(())
}

/// Who is on the list, as a condition.
fn condition(reader: &mut Reader<'_>, list_id: Uuid, today: NaiveDate) -> Result<Condition, Problem> {
    find(reader, list_id)?.ok_or_else(Problem::not_found)?;
    let filter = RecipientFilter { list_id: Some(list_id), ..RecipientFilter::default() };
    let known = saved_queries::known(reader, today, [&filter])?;
    check(&filter, "", &known).map_err(|errors| {
        let detail = "The saved query of this list cannot be used as it is now; errors tells why.";
        Problem::new(Code::ContactListUnusable, detail).with_errors(errors)
    })
}

/// The parties named in a call, each once.
fn named(party_ids: &[PartyId]) -> Result<Vec<PartyId>, Problem> {
    let mut faults = Vec::new();
    if party_ids.is_empty() {
        faults.push(FieldError::new("/party_ids", "empty_list", "Name at least one party."));
    }
    if party_ids.len() > MAX_PARTIES {
        let message = format!("Name at most {MAX_PARTIES} parties in one call.");
        faults.push(FieldError::new("/party_ids", "too_many_values", message));
    }
    for (at, _) in party_ids.iter().enumerate().filter(|(_, id)| !(1..=MAX_ID).contains(*id)).take(20) {
        let message = format!("A party id is a number from 1 to {MAX_ID}.");
        faults.push(FieldError::new(format!("/party_ids/{at}"), "invalid_value", message));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let mut ids = party_ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Registers the operations on contact lists.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_contact_list)
        .service(list::list_contact_lists)
        .service(get::get_contact_list)
        .service(update::update_contact_list)
        .service(delete::delete_contact_list)
        .service(members::list_contact_list_members)
        .service(add_members::add_contact_list_members)
        .service(remove_members::remove_contact_list_members)
        .service(reach::get_contact_list_reach);
}
