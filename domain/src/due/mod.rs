//! What somebody has to do by a certain time: bring a lent key back, answer a move-in inspection. What is late and what is due
//! soon is decided here, for both alike.

mod reminder;
mod window;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::today;
use crate::register::{PartyId, PropertyId};

pub use reminder::{DueRow, Reminders};
pub use window::{Window, WindowFault};

/// A key that was lent (lainaus).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLoan {
    /// Ours (UUIDv7), given when the loan is first stored.
    pub loan_id: Uuid,
    /// The ERP's id; none for a loan that was made here.
    pub erp_loan_id: Option<String>,
    /// Who has the key.
    pub party_id: PartyId,
    /// What the key opens.
    pub property_id: Option<PropertyId>,
    /// What is written on the key, or what it is called.
    pub key_code: String,
    pub description: Option<String>,
    pub lent_at: Option<DateTime<Utc>>,
    /// Until when the key must be back.
    pub due_at: DateTime<Utc>,
    /// When it came back; none while it is lent.
    pub returned_at: Option<DateTime<Utc>>,
}

/// A move-in inspection (sisäänmuuttotarkastus) that somebody is to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveInInspection {
    /// Ours (UUIDv7), given when the inspection is first stored.
    pub inspection_id: Uuid,
    /// The ERP's id; none for an inspection that was made here.
    pub erp_inspection_id: Option<String>,
    /// Who is to answer.
    pub party_id: PartyId,
    /// What was moved into.
    pub property_id: PropertyId,
    /// Until when it must be answered.
    pub deadline: DateTime<Utc>,
    /// When it was answered; none while it is open.
    pub answered_at: Option<DateTime<Utc>>,
    /// Where it is answered.
    pub link: Option<String>,
}

/// What tells one row from another of its kind: the ERP's id, or without one our own.
fn key(erp_id: Option<&str>, id: Uuid) -> String {
    erp_id.map_or_else(|| id.to_string(), |erp_id| format!("erp:{erp_id}"))
}

impl KeyLoan {
    /// What tells one loan from another.
    pub fn key(&self) -> String {
        key(self.erp_loan_id.as_deref(), self.loan_id)
    }
}

impl MoveInInspection {
    /// What tells one inspection from another.
    pub fn key(&self) -> String {
        key(self.erp_inspection_id.as_deref(), self.inspection_id)
    }
}

/// How late something is that is due at `due_at` and was done at `done_at`: the days of the calendar of `zone` that lie
/// between, 0 on the day itself. `None` while there is time, and for what is done.
///
/// Something is late from the instant behind its due time on.
pub fn days_late(due_at: DateTime<Utc>, done_at: Option<DateTime<Utc>>, now: DateTime<Utc>, zone: Tz) -> Option<i64> {
    (done_at.is_none() && due_at < now).then(|| (today(now, zone) - today(due_at, zone)).num_days())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Helsinki;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn days_late_are_days_of_the_calendar_in_the_deployments_zone() {
        for (due, now, late) in [
            ("2026-11-22T14:00:00Z", "2026-11-22T14:00:00Z", None),
            ("2026-11-22T14:00:00Z", "2026-11-22T14:00:00.000001Z", Some(0)),
            // 23:59 of the 21st and 00:01 of the 22nd in Helsinki: both the 21st in UTC.
            ("2026-11-21T21:59:00Z", "2026-11-21T22:01:00Z", Some(1)),
            // Midnight in UTC is the same day in Helsinki.
            ("2026-11-21T23:00:00Z", "2026-11-22T01:00:00Z", Some(0)),
            // The night of the change to winter time has 25 hours.
            ("2026-10-24T21:30:00Z", "2026-10-25T21:59:00Z", Some(0)),
            ("2026-10-24T21:30:00Z", "2026-10-25T22:00:00Z", Some(1)),
        ] {
            assert_eq!(days_late(at(due), None, at(now), Helsinki), late, "{due} {now}");
            assert_eq!(days_late(at(due), Some(at(due)), at(now), Helsinki), None, "done");
        }
    }

    #[test]
    fn without_an_id_of_the_erp_a_row_is_told_by_its_own() {
        let loan = KeyLoan {
            loan_id: Uuid::nil(),
            erp_loan_id: Some("L1".to_owned()),
            party_id: 1,
            property_id: None,
            key_code: "A 17".to_owned(),
            description: None,
            lent_at: None,
            due_at: at("2026-11-22T14:00:00Z"),
            returned_at: None,
        };
        assert_eq!(loan.key(), "erp:L1");
        assert_eq!(KeyLoan { erp_loan_id: None, ..loan }.key(), Uuid::nil().to_string());
    }
}
