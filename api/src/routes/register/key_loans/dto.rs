//! A key loan as the API shows it.

use chrono::{DateTime, Utc};
use domain::due::KeyLoan;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::routes::register::due::{Listed, ReminderReach};
use crate::routes::register::visibility::Visibility;

/// A key that was lent. Of a protected party, property, key and description are null for callers without the scope
/// `parties:protected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = KeyLoan)]
pub struct KeyLoanResponse {
    /// The loan's id in this service; it stays the same from import to import.
    #[schema(example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11")]
    loan_id: Uuid,
    /// The ERP's id of the loan; null for one that was made here.
    #[schema(required = true, example = "L-20931")]
    erp_loan_id: Option<String>,
    /// Who has the key.
    #[schema(example = 1042)]
    party_id: i64,
    /// What the key opens; null where that is not known or hidden.
    #[schema(required = true, example = 310)]
    property_id: Option<i64>,
    /// What is written on the key, or what it is called; null where it is hidden.
    #[schema(required = true, example = "A 17")]
    key_code: Option<String>,
    /// More about the key.
    #[schema(required = true, example = "Ullakon avain")]
    description: Option<String>,
    /// When it was lent.
    #[schema(required = true)]
    lent_at: Option<DateTime<Utc>>,
    /// Until when it must be back.
    due_at: DateTime<Utc>,
    /// When it came back; null while it is lent.
    #[schema(required = true, example = json!(null))]
    returned_at: Option<DateTime<Utc>>,
}

impl KeyLoanResponse {
    /// The loan as this caller sees it.
    pub(super) fn of(loan: KeyLoan, visibility: Visibility) -> Self {
        let KeyLoan {
            loan_id,
            erp_loan_id,
            party_id,
            property_id,
            key_code,
            description,
            lent_at,
            due_at,
            returned_at,
        } = loan;
        let shown = visibility != Visibility::Redacted;
        Self {
            loan_id,
            erp_loan_id,
            party_id,
            property_id: property_id.filter(|_| shown),
            key_code: Some(key_code).filter(|_| shown),
            description: description.filter(|_| shown),
            lent_at,
            due_at,
            returned_at,
        }
    }

    /// The loan's id in this service.
    pub(super) fn loan_id(&self) -> Uuid {
        self.loan_id
    }
}

/// A key loan in the list, with what is needed to remind of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyLoanListItem {
    /// The loan's id in this service.
    #[schema(example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11")]
    loan_id: Uuid,
    /// The ERP's id of the loan; null for one that was made here.
    #[schema(required = true, example = "L-20931")]
    erp_loan_id: Option<String>,
    /// Who has the key.
    #[schema(example = 1042)]
    party_id: i64,
    /// That party's name.
    #[schema(example = "Virtanen Matti")]
    party_name: String,
    /// What the key opens; null where that is not known or hidden.
    #[schema(required = true, example = 310)]
    property_id: Option<i64>,
    /// The name of that property.
    #[schema(required = true, example = "A 2")]
    property_name: Option<String>,
    /// What is written on the key, or what it is called; null where it is hidden.
    #[schema(required = true, example = "A 17")]
    key_code: Option<String>,
    /// More about the key.
    #[schema(required = true, example = "Ullakon avain")]
    description: Option<String>,
    /// When it was lent.
    #[schema(required = true)]
    lent_at: Option<DateTime<Utc>>,
    /// Until when it must be back.
    due_at: DateTime<Utc>,
    /// When it came back; null while it is lent.
    #[schema(required = true, example = json!(null))]
    returned_at: Option<DateTime<Utc>>,
    /// Whether it should be back and is not.
    #[schema(example = true)]
    overdue: bool,
    /// How many days it is late, by the calendar of the deployment's time zone: 0 on the day until which it was due. Null when
    /// it is not overdue.
    #[schema(required = true, example = 3)]
    days_late: Option<i64>,
    /// Whether a reminder reaches the party, by e-mail and by text message.
    reach: Vec<ReminderReach>,
}

impl From<Listed<KeyLoan>> for KeyLoanListItem {
    fn from(listed: Listed<KeyLoan>) -> Self {
        let Listed { row, visibility, party_name, property_name, days_late, reach } = listed;
        let KeyLoanResponse {
            loan_id,
            erp_loan_id,
            party_id,
            property_id,
            key_code,
            description,
            lent_at,
            due_at,
            returned_at,
        } = KeyLoanResponse::of(row, visibility);
        Self {
            loan_id,
            erp_loan_id,
            party_id,
            party_name,
            property_id,
            property_name,
            key_code,
            description,
            lent_at,
            due_at,
            returned_at,
            overdue: days_late.is_some(),
            days_late,
            reach,
        }
    }
}

/// A page of key loans.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyLoanPage {
    /// The loans, by the time until which each is due.
    pub(super) items: Vec<KeyLoanListItem>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}
