//! What a reminder says: the rows of one recipient as merge fields. One recipient gets one message, however many rows it has.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{KeyLoan, MoveInInspection, days_late};
use crate::clock::today;
use crate::content::MergeValues;
use crate::register::PartyId;

/// A row that a recipient is reminded of, and the name of its property.
#[derive(Debug, Clone, PartialEq)]
pub enum DueRow {
    Loan(KeyLoan, Option<String>),
    Inspection(MoveInInspection, Option<String>),
}

/// The rows of every recipient of a mailing, in the order in which they are due.
#[derive(Debug, Clone)]
pub struct Reminders {
    pub rows: HashMap<PartyId, Vec<DueRow>>,
    pub now: DateTime<Utc>,
    /// In which instants are written.
    pub zone: Tz,
}

impl Reminders {
    /// The merge values of a recipient's rows, written for its language; `None` when nothing of its own is due.
    pub fn of(&self, party_id: PartyId, language: &str) -> Option<MergeValues> {
        let rows = self.rows.get(&party_id).filter(|rows| !rows.is_empty())?;
        let mut values = MergeValues::new();
        values.set_rows(rows.iter().map(|row| self.fields(row, language)));
        Some(values)
    }

    fn fields(&self, row: &DueRow, language: &str) -> Vec<(&'static str, Option<String>)> {
        let instant = |instant| Some(written(instant, self.zone, language));
        let day = |instant| Some(written_day(today(instant, self.zone), language));
        let late = |due_at, done_at| days_late(due_at, done_at, self.now, self.zone).map(|days| days.to_string());
        match row {
            DueRow::Loan(loan, property) => vec![
                ("loan.key", Some(loan.key_code.clone())),
                ("loan.description", loan.description.clone()),
                ("loan.property", property.clone()),
                ("loan.lent_date", loan.lent_at.and_then(day)),
                ("loan.due_at", instant(loan.due_at)),
                ("loan.due_date", day(loan.due_at)),
                ("loan.days_late", late(loan.due_at, loan.returned_at)),
            ],
            DueRow::Inspection(inspection, property) => vec![
                ("inspection.property", property.clone()),
                ("inspection.deadline", instant(inspection.deadline)),
                ("inspection.deadline_date", day(inspection.deadline)),
                ("inspection.days_late", late(inspection.deadline, inspection.answered_at)),
                ("inspection.link", inspection.link.clone()),
            ],
        }
    }
}

/// An instant as readers of the language write it: Finnish and Swedish ones in their way, all others by ISO 8601.
fn written(instant: DateTime<Utc>, zone: Tz, language: &str) -> String {
    let local = instant.with_timezone(&zone);
    match primary(language) {
        "fi" => local.format("%-d.%-m.%Y klo %-H.%M"),
        "sv" => local.format("%-d.%-m.%Y kl. %-H.%M"),
        _ => local.format("%Y-%m-%d %H:%M"),
    }
    .to_string()
}

fn written_day(day: NaiveDate, language: &str) -> String {
    match primary(language) {
        "fi" | "sv" => day.format("%-d.%-m.%Y").to_string(),
        _ => day.to_string(),
    }
}

fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or(language)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Helsinki;
    use uuid::Uuid;

    use super::*;

    fn loan(key: &str, due_at: &str) -> DueRow {
        let loan = KeyLoan {
            loan_id: Uuid::nil(),
            erp_loan_id: None,
            party_id: 1,
            property_id: None,
            key_code: key.to_owned(),
            description: None,
            lent_at: None,
            due_at: due_at.parse().unwrap(),
            returned_at: None,
        };
        DueRow::Loan(loan, None)
    }

    #[test]
    fn a_field_has_the_values_of_all_rows_and_each_row_its_own() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        // 23.30 in Helsinki; and half past midnight of the next day there.
        let rows = vec![loan("A 17", "2026-11-19T21:30:00Z"), loan("B 2", "2026-11-20T22:30:00Z")];
        let reminders = Reminders { rows: HashMap::from([(1, rows)]), now, zone: Helsinki };
        for (language, due_at, day) in [
            ("fi", "19.11.2026 klo 23.30, 21.11.2026 klo 0.30", "21.11.2026"),
            ("sv-FI", "19.11.2026 kl. 23.30, 21.11.2026 kl. 0.30", "21.11.2026"),
            ("en", "2026-11-19 23:30, 2026-11-21 00:30", "2026-11-21"),
        ] {
            let values = reminders.of(1, language).unwrap();
            assert_eq!(values.get("loan.due_at"), Some(due_at));
            assert_eq!(values.of_row("loan.due_date", 1), Some(day));
            assert_eq!((values.get("loan.key"), values.of_row("loan.key", 0)), (Some("A 17, B 2"), Some("A 17")));
            assert_eq!((values.get("loan.count"), values.get("loan.days_late")), (Some("2"), Some("3, 1")));
            assert_eq!((values.get("loan.description"), values.of_row("loan.key", 2)), (None, None));
        }
        assert_eq!(reminders.of(2, "fi"), None);
    }
}
