//! A move-in inspection as the API shows it.

use chrono::{DateTime, Utc};
use domain::due::MoveInInspection;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::routes::register::due::{Listed, ReminderReach};
use crate::routes::register::visibility::Visibility;

/// A move-in inspection that somebody is to answer. Of a protected party, property and link are null for callers without the
/// scope `parties:protected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MoveInInspection)]
pub struct MoveInInspectionResponse {
    /// The inspection's id in this service; it stays the same from import to import.
    #[schema(example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11")]
    inspection_id: Uuid,
    /// The ERP's id of the inspection; null for one that was made here.
    #[schema(required = true, example = "T-4711")]
    erp_inspection_id: Option<String>,
    /// Who is to answer.
    #[schema(example = 1042)]
    party_id: i64,
    /// What was moved into; null where it is hidden.
    #[schema(required = true, example = 310)]
    property_id: Option<i64>,
    /// Until when it must be answered.
    deadline: DateTime<Utc>,
    /// When it was answered; null while it is open.
    #[schema(required = true, example = json!(null))]
    answered_at: Option<DateTime<Utc>>,
    /// Where it is answered; null where there is none or it is hidden.
    #[schema(required = true, example = "https://asukas.example.fi/tarkastus/4711")]
    link: Option<String>,
}

impl MoveInInspectionResponse {
    /// The inspection as this caller sees it.
    pub(super) fn of(inspection: MoveInInspection, visibility: Visibility) -> Self {
        let MoveInInspection { inspection_id, erp_inspection_id, party_id, property_id, deadline, answered_at, link } =
            inspection;
        let shown = visibility != Visibility::Redacted;
        Self {
            inspection_id,
            erp_inspection_id,
            party_id,
            property_id: Some(property_id).filter(|_| shown),
            deadline,
            answered_at,
            link: link.filter(|_| shown),
        }
    }

    /// The inspection's id in this service.
    pub(super) fn inspection_id(&self) -> Uuid {
        self.inspection_id
    }
}

/// A move-in inspection in the list, with what is needed to remind of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveInInspectionListItem {
    /// The inspection's id in this service.
    #[schema(example = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11")]
    inspection_id: Uuid,
    /// The ERP's id of the inspection; null for one that was made here.
    #[schema(required = true, example = "T-4711")]
    erp_inspection_id: Option<String>,
    /// Who is to answer.
    #[schema(example = 1042)]
    party_id: i64,
    /// That party's name.
    #[schema(example = "Virtanen Matti")]
    party_name: String,
    /// What was moved into; null where it is hidden.
    #[schema(required = true, example = 310)]
    property_id: Option<i64>,
    /// The name of that property.
    #[schema(required = true, example = "A 2")]
    property_name: Option<String>,
    /// Until when it must be answered.
    deadline: DateTime<Utc>,
    /// When it was answered; null while it is open.
    #[schema(required = true, example = json!(null))]
    answered_at: Option<DateTime<Utc>>,
    /// Where it is answered; null where there is none or it is hidden.
    #[schema(required = true, example = "https://asukas.example.fi/tarkastus/4711")]
    link: Option<String>,
    /// Whether it should be answered and is not.
    #[schema(example = true)]
    overdue: bool,
    /// How many days it is late, by the calendar of the deployment's time zone: 0 on the day until which it was due. Null when
    /// it is not overdue.
    #[schema(required = true, example = 3)]
    days_late: Option<i64>,
    /// Whether a reminder reaches the party, by e-mail and by text message.
    reach: Vec<ReminderReach>,
}

impl From<Listed<MoveInInspection>> for MoveInInspectionListItem {
    fn from(listed: Listed<MoveInInspection>) -> Self {
        let Listed { row, visibility, party_name, property_name, days_late, reach } = listed;
        let MoveInInspectionResponse {
            inspection_id,
            erp_inspection_id,
            party_id,
            property_id,
            deadline,
            answered_at,
            link,
        } = MoveInInspectionResponse::of(row, visibility);
        Self {
            inspection_id,
            erp_inspection_id,
            party_id,
            party_name,
            property_id,
            property_name,
            deadline,
            answered_at,
            link,
            overdue: days_late.is_some(),
            days_late,
            reach,
        }
    }
}

/// A page of move-in inspections.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveInInspectionPage {
    /// The inspections, by their deadlines.
    pub(super) items: Vec<MoveInInspectionListItem>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}
