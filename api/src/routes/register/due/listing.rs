//! A page of rows with what a clerk needs to know of their parties and properties, looked up for the page as a whole.

use std::collections::HashMap;

use actix_web::HttpRequest;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::due::days_late;
use domain::register::{PartyId, PropertyId};
use persistence::Reader;
use persistence::due_items::{self, DueFilter, DueItem, DueState, StoredItem};
use persistence::properties::{self, StoredProperty};
use persistence::recipient_query::{RecipientRow, details};

use super::reach::ReminderReach;
use crate::auth::Principal;
use crate::disclosure::{self, may_see_protected};
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::register::visibility::{Visibility, disclosed};
use crate::state::AppState;

/// What is asked for.
pub(in crate::routes::register) struct Listing {
    pub state: Option<DueState>,
    pub party_id: Option<i64>,
    pub property_id: Option<i64>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    /// Of the parameters that decide which rows the list has.
    pub asked: String,
}

/// A row of the list.
pub(in crate::routes::register) struct Listed<T> {
    pub row: T,
    pub visibility: Visibility,
    pub party_name: String,
    /// Of the property, unless it is hidden.
    pub property_name: Option<String>,
    pub days_late: Option<i64>,
    pub reach: Vec<ReminderReach>,
}

/// A page of rows, and the cursor of the next one. That protected parties are shown is recorded.
///
/// # Errors
/// 400 for limit and cursor; a failure of the database.
pub(in crate::routes::register) async fn list_due<T: DueItem>(
    state: &AppState,
    caller: &Principal,
    request: &HttpRequest,
    listing: Listing,
) -> Result<(Vec<Listed<T>>, Option<String>), Problem> {
    let Listing { state: due_state, party_id, property_id, limit, cursor, asked } = listing;
    let limit = paging::limit(limit)?;
    let see_protected = may_see_protected(caller);
    let cursors = state.cursors.of(&(T::KIND.as_str(), asked, party_id, property_id, see_protected));
    let after = cursor.map(|cursor| {
        let cursor = cursors.open(&cursor)?;
        Ok::<_, Problem>((cursor.instant()?, cursor.uuid()?))
    });
    let after = after.transpose()?;
    let filter = DueFilter { state: due_state, party_id, property_id, see_protected };
    let (wanted, now, zone) = (rows_for(limit), state.clock.now(), state.settings.time_zone);
    let (today, language) = (state.today(), state.settings.default_language.clone());
    let (rows, next_cursor) = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let rows = due_items::list::<T>(reader, &filter, after, wanted)?;
                let (rows, next) = cut(rows, limit, &cursors, position);
                let mut known = Known::of(reader, &rows, today, &language)?;
                let listed = rows.into_iter().map(|stored| known.listed(stored, see_protected, now, zone));
                Ok::<_, Problem>((listed.collect::<Result<Vec<_>, Problem>>()?, next))
            })
        })
        .await?;
    let shown = rows.iter().filter_map(|listed| Some((listed.row.party_id()?, listed.visibility)));
    disclosure::record(state, caller, request, disclosed(shown)).await?;
    Ok((rows, next_cursor))
}

fn position<T: DueItem>(stored: &StoredItem<T>) -> Cursor {
    let columns = stored.row.clone().into_columns();
    Cursor::at(columns.due_at, columns.item_id)
}

/// The parties and properties of a page.
struct Known {
    parties: HashMap<PartyId, RecipientRow>,
    properties: HashMap<PropertyId, StoredProperty>,
}

impl Known {
    fn of<T: DueItem>(
        reader: &mut Reader<'_>,
        rows: &[StoredItem<T>],
        today: NaiveDate,
        language: &str,
    ) -> Result<Self, Problem> {
        let columns = || rows.iter().map(|stored| stored.row.clone().into_columns());
        let mut party_ids: Vec<i64> = columns().map(|columns| columns.party_id).collect();
        party_ids.sort_unstable();
        party_ids.dedup();
        let property_ids: Vec<i64> = columns().filter_map(|columns| columns.property_id).collect();
        let found = details(reader, &party_ids, today, language, None)?;
        let parties = found.into_iter().map(|row| (row.party_id, row)).collect();
        Ok(Self { parties, properties: properties::by_ids(reader, &property_ids)? })
    }

    fn listed<T: DueItem>(
        &mut self,
        stored: StoredItem<T>,
        see_protected: bool,
        now: DateTime<Utc>,
        zone: Tz,
    ) -> Result<Listed<T>, Problem> {
        let StoredItem { row, party_protected, row_hash: _ } = stored;
        let visibility = Visibility::of(party_protected, see_protected);
        let columns = row.clone().into_columns();
        let missing = || Problem::internal("the party of a row is not there");
        let party = self.parties.get(&columns.party_id).ok_or_else(missing)?;
        let property = columns.property_id.and_then(|id| self.properties.get(&id));
        Ok(Listed {
            visibility,
            party_name: party.name.clone(),
            property_name: property
                .filter(|_| visibility != Visibility::Redacted)
                .map(|stored| stored.property.name.clone()),
            days_late: days_late(columns.due_at, columns.done_at, now, zone),
            reach: ReminderReach::of(&party.facts),
            row,
        })
    }
}
