//! The rows that a mailing reminds of, as they are now.

use std::collections::{HashMap, HashSet};

use domain::due::{DueRow, KeyLoan, MoveInInspection, Reminders, days_late};
use domain::mailing::About;
use domain::occasion::OccasionKind;
use domain::register::{PartyId, PropertyId};
use persistence::due_items::{self, DueItem, StoredItem};
use persistence::{Reader, properties};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::resolving::Terms;
use crate::problem::Problem;

/// A row that the mailing was made for and reminds of no more.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowLeftOut {
    /// The id of the key loan or move-in inspection.
    #[schema(example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11")]
    id: Uuid,
    /// Why: `returned`, `answered`, `not_overdue` (the time until which a key is lent was put off) or `not_found`.
    #[schema(example = "returned")]
    code: String,
}

/// The rows of each party.
type Rows = HashMap<PartyId, Vec<DueRow>>;

/// What a row is left out for; `None` while it is due.
type LeftOut<T> = fn(&T, &Terms) -> Option<&'static str>;

/// The rows that are still due, by party, and those that are not.
///
/// # Errors
/// A failure of the database.
pub(super) fn rows_about(
    reader: &mut Reader<'_>,
    about: Option<&About>,
    terms: &Terms,
) -> Result<(Option<Reminders>, Vec<RowLeftOut>), Problem> {
    let Some(About { occasion, ids }) = about else { return Ok((None, Vec::new())) };
    let (rows, left_out) = match occasion {
        OccasionKind::OverdueKeyLoan => sorted(reader, ids, terms, loan_left_out, DueRow::Loan)?,
        OccasionKind::MoveInInspectionDue => sorted(reader, ids, terms, inspection_left_out, DueRow::Inspection)?,
        OccasionKind::PointsStatement | OccasionKind::Workflow => return Ok((None, Vec::new())),
    };
    Ok((Some(Reminders { rows, now: terms.now, zone: terms.zone }), left_out))
}

fn loan_left_out(loan: &KeyLoan, terms: &Terms) -> Option<&'static str> {
    let late = days_late(loan.due_at, loan.returned_at, terms.now, terms.zone).is_some();
    match (loan.returned_at, late) {
        (Some(_), _) => Some("returned"),
        (None, true) => None,
        (None, false) => Some("not_overdue"),
    }
}

fn inspection_left_out(inspection: &MoveInInspection, _: &Terms) -> Option<&'static str> {
    inspection.answered_at.map(|_| "answered")
}

fn sorted<T: DueItem>(
    reader: &mut Reader<'_>,
    ids: &[Uuid],
    terms: &Terms,
    left_out: LeftOut<T>,
    row: fn(T, Option<String>) -> DueRow,
) -> Result<(Rows, Vec<RowLeftOut>), Problem> {
    let found: Vec<StoredItem<T>> = due_items::by_ids(reader, ids)?;
    let columns = |stored: &StoredItem<T>| stored.row.clone().into_columns();
    let there: HashSet<Uuid> = found.iter().map(|stored| columns(stored).item_id).collect();
    let property_ids: Vec<PropertyId> = found.iter().filter_map(|stored| columns(stored).property_id).collect();
    let known = properties::by_ids(reader, &property_ids)?;
    let gone = ids.iter().filter(|id| !there.contains(id));
    let mut out: Vec<RowLeftOut> = gone.map(|id| RowLeftOut { id: *id, code: "not_found".to_owned() }).collect();
    let mut rows = Rows::new();
    for stored in found {
        let item = columns(&stored);
        match left_out(&stored.row, terms) {
            Some(code) => out.push(RowLeftOut { id: item.item_id, code: code.to_owned() }),
            None => {
                let property =
                    item.property_id.and_then(|id| known.get(&id)).map(|stored| stored.property.name.clone());
                rows.entry(item.party_id).or_default().push(row(stored.row, property));
            }
        }
    }
    Ok((rows, out))
}
