//! What is late, what is due soon, and everything else, by due time.

use chrono::{DateTime, Utc};
use domain::register::{PartyId, PropertyId};
use uuid::Uuid;

use super::{DueItem, StoredItem, load, select};
use crate::door::Reader;
use crate::error::StoreResult;

/// Which rows are meant, by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueState {
    /// Not done, whether late or not.
    Open,
    /// Not done, and due before `now`.
    Overdue { now: DateTime<Utc> },
    /// Not done, and due from `now` until before `until`.
    DueSoon { now: DateTime<Utc>, until: DateTime<Utc> },
    /// Done.
    Done,
}

/// Which rows to list: all that nothing here leaves out.
#[derive(Debug, Clone, Default)]
pub struct DueFilter {
    pub state: Option<DueState>,
    pub party_id: Option<PartyId>,
    pub property_id: Option<PropertyId>,
    /// Whether the caller may see where protected parties live. Without it, asking by property leaves them out.
    pub see_protected: bool,
}

/// A page of rows by due time and id, after the given one.
///
/// # Errors
/// A failure of the database.
pub fn list<T: DueItem>(
    reader: &mut Reader<'_>,
    filter: &DueFilter,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> StoreResult<Vec<StoredItem<T>>> {
    let DueFilter { state, party_id, property_id, see_protected } = filter;
    let mut query = select::<T>();
    match state {
        None => {}
        Some(DueState::Open) => _ = query.sql(" AND i.done_at IS NULL"),
        Some(DueState::Done) => _ = query.sql(" AND i.done_at IS NOT NULL"),
        Some(DueState::Overdue { now }) => _ = query.sql(" AND i.done_at IS NULL AND i.due_at < ").bind(*now),
        Some(DueState::DueSoon { now, until }) => {
            query.sql(" AND i.done_at IS NULL AND i.due_at >= ").bind(*now).sql(" AND i.due_at < ").bind(*until);
        }
    }
    if let Some(party_id) = party_id {
        query.sql(" AND i.party_id = ").bind(*party_id);
    }
    if let Some(property_id) = property_id {
        query.sql(" AND i.property_id = ").bind(*property_id);
        if !see_protected {
            query.sql(" AND NOT p.address_protected");
        }
    }
    if let Some((due_at, id)) = after {
        query.sql(" AND (i.due_at, i.item_id) > (").bind(due_at).sql(", ").bind(id).sql(")");
    }
    query.sql(" ORDER BY i.due_at, i.item_id LIMIT ").bind(limit);
    load(reader, query)
}
