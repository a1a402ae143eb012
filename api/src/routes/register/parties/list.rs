//! `GET /api/v1/parties`.

use actix_web::{HttpRequest, get, web};
use chrono::NaiveDate;
use domain::register::{Party, PartyId};
use domain::text;
use persistence::Reader;
use persistence::parties::{self, PartyFilter, StoredParty};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{PartyPage, PartyResponse};
use super::language::Languages;
use crate::auth::Require;
use crate::auth::perm::RegisterRead;
use crate::disclosure::{self, may_see_protected};
use crate::extract::QueryParams;
use crate::paging::{self, Cursor, ListCursors};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::register::search_words::search_words;
use crate::routes::register::visibility::{Visibility, disclosed};
use crate::state::AppState;

/// Which parties to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPartiesQuery {
    /// At most 20 words in any order and case. Each must begin some word of the party's name, e-mail, phone or address, or of
    /// the name, code or street of a property in which it has a role today. å, ä and ö are letters of their own.
    #[param(required = false, nullable = false, example = "virtanen manner")]
    q: Option<String>,
    /// Whether archived parties are listed too.
    #[serde(default)]
    #[param(required = false, default = false)]
    archived: bool,
    /// How many parties a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// Where a page begins: sort key and id of the party before it.
type After = Option<(Vec<u8>, PartyId)>;

/// List and search parties.
///
/// In Finnish order of their names. Of protected parties, phone, postal address and attributes are null without the scope
/// `parties:protected`, and a search does not find them by phone, address or property; with it they are found and shown, and
/// it is audited that they were.
#[utoipa::path(
    operation_id = "listParties",
    tag = "parties",
    security(("bearer" = ["register:read"])),
    params(ListPartiesQuery),
    responses((status = 200, description = "A page of parties.", body = PartyPage)),
)]
#[get("/parties")]
pub async fn list_parties(
    caller: Require<RegisterRead>,
    query: QueryParams<ListPartiesQuery>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<web::Json<PartyPage>, Problem> {
    let ListPartiesQuery { q, archived, limit, cursor } = query.into_inner();
    let limit = paging::limit(limit)?;
    let filter =
        PartyFilter { words: search_words("q", q.as_deref())?, archived, see_protected: may_see_protected(&caller) };
    let see_protected = filter.see_protected;
    let cursors = state.cursors.of(&("parties", &filter.words, archived, see_protected));
    let after = cursor.map(|cursor| position(&cursor, &cursors)).transpose()?;
    let today = state.today();
    let languages = Languages::of(&state);
    let (rows, mut served) = state
        .db
        .read(move |reader| {
            let rows = find_visible(reader, &filter, today, after.clone(), rows_for(limit))?;
            let served = languages.served(reader, rows.iter().map(|row| &row.party))?;
            Ok::<_, Problem>((rows, served))
        })
        .await?;
    let (rows, next_cursor) =
        cut(rows, limit, &cursors, |row| Cursor { sort: row.sort_key.clone(), id: row.party.party_id.to_string() });
    let visibility = |row: &StoredParty| Visibility::of(row.party.address_protected, see_protected);
    let party_ids = disclosed(rows.iter().map(|row| (row.party.party_id, visibility(row))));
    disclosure::record(&state, &caller, &request, party_ids).await?;
    let items = rows
        .into_iter()
        .map(|row| {
            let visibility = visibility(&row);
            let reason = served.remove(&row.party.party_id);
            let party = PartyResponse::of(row, visibility);
            match reason {
                Some(reason) => party.served(reason),
                None => party,
            }
        })
        .collect();
    Ok(web::Json(PartyPage { items, next_cursor }))
}

fn position(cursor: &str, cursors: &ListCursors) -> Result<(Vec<u8>, PartyId), Problem> {
    let cursor = cursors.open(cursor)?;
    let party_id = cursor.numeric_id()?;
    Ok((cursor.sort, party_id))
}

/// Up to `wanted` parties that this caller may find. Goes on until they are full: a short page, or a cursor at a party that
/// was left out, would tell that there is one.
fn find_visible(
    reader: &mut Reader<'_>,
    filter: &PartyFilter,
    today: NaiveDate,
    mut after: After,
    wanted: i64,
) -> Result<Vec<StoredParty>, Problem> {
    let enough = usize::try_from(wanted).unwrap_or(usize::MAX);
    let mut visible = Vec::new();
    loop {
        let rows = parties::list(reader, filter, today, after, wanted)?;
        let was_last = rows.len() < enough;
        after = rows.last().map(|row| (row.sort_key.clone(), row.party.party_id));
        visible.extend(rows.into_iter().filter(|row| may_be_found(&row.party, filter)));
        if was_last || visible.len() >= enough {
            visible.truncate(enough);
            return Ok(visible);
        }
    }
}

/// Whether a party that matches may be shown to have matched. That a search for a house finds a person tells where that person
/// lives, so a protected party is found by its own open words only.
fn may_be_found(party: &Party, filter: &PartyFilter) -> bool {
    if !party.address_protected || filter.see_protected {
        return true;
    }
    let open = [Some(&party.name), party.first_name.as_ref(), party.last_name.as_ref(), party.email.as_ref()];
    let open: Vec<String> = open.into_iter().flatten().flat_map(|text| text::words(text)).collect();
    filter.words.iter().all(|word| open.iter().any(|own| own.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use domain::register::PartyKind;
    use serde_json::Map;

    use super::*;

    fn party(address_protected: bool) -> Party {
        Party {
            party_id: 7,
            kind: PartyKind::Person,
            name: "Åkerman Aino".to_owned(),
            first_name: None,
            last_name: None,
            business_id: None,
            language: None,
            email: Some("aino@example.fi".to_owned()),
            email_marketing: false,
            phone: None,
            phone_marketing: false,
            street: Some("Kätkökuja 13".to_owned()),
            postal_code: None,
            city: None,
            country: None,
            address_protected,
            deceased: false,
            archived: false,
            attributes: Map::new(),
        }
    }

    #[test]
    fn a_protected_party_is_found_by_its_name_and_email_alone() {
        for (q, protected, see_protected, found) in [
            (None, true, false, true),
            (Some("aino ÅKE"), true, false, true),
            (Some("example"), true, false, true),
            (Some("aino kätkö"), true, false, false),
            (Some("asunto"), true, false, false),
            (Some("asunto"), true, true, true),
            (Some("asunto"), false, false, true),
        ] {
            let filter = PartyFilter { words: search_words("q", q).unwrap(), archived: false, see_protected };
            assert_eq!(may_be_found(&party(protected), &filter), found, "{q:?} {protected} {see_protected}");
        }
    }
}
