//! A move-in inspection as the ERP gives it, and what of it may be set here.

use domain::due::MoveInInspection;
use domain::invalid::FieldError;
use domain::register::PartyId;
use persistence::due_items::{self, StoredItem};
use persistence::register::Upserted;
use persistence::{Reader, StoreResult, Writer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::dto::MoveInInspectionResponse;
use crate::extract::instant_or_null;
use crate::problem::Problem;
use crate::register_import::read_json;
use crate::routes::register::references::check_due_item;
use crate::routes::register::visibility::Visibility;
use crate::routes::register::writing::Stored;

/// A move-in inspection. The fields and their rules are those of the columns of `move_in_inspections.csv`; what is left out or
/// null is empty.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveInInspectionRequest {
    /// Who is to answer.
    #[schema(example = 1042, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    party_id: i64,
    /// What was moved into.
    #[schema(example = 310, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    property_id: i64,
    /// Until when it must be answered.
    #[schema(format = DateTime, example = "2026-11-30T23:59:59+02:00")]
    deadline: String,
    /// When it was answered; null while it is open.
    #[serde(default, deserialize_with = "instant_or_null")]
    #[schema(format = DateTime, example = json!(null))]
    answered_at: Option<String>,
    /// Where it is answered: a page on the web.
    #[schema(
        example = "https://asukas.example.fi/tarkastus/4711",
        max_length = 2000,
        pattern = "^(https?://[A-Za-z0-9][!-~]*)?$"
    )]
    link: Option<String>,
}

/// The fields of a move-in inspection to set here (JSON Merge Patch, RFC 7396): those left out stay, null takes a value away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"answered_at": "2026-11-22T09:30:00+02:00"}))]
#[expect(dead_code, reason = "describes the patch; it is applied to the inspection's JSON")]
pub struct MoveInInspectionPatch {
    /// As in PUT.
    #[schema(nullable = false, format = DateTime)]
    deadline: Option<String>,
    /// As in PUT.
    #[schema(format = DateTime)]
    answered_at: Option<String>,
    /// As in PUT.
    #[schema(
        example = "https://asukas.example.fi/tarkastus/4711",
        max_length = 2000,
        pattern = "^(https?://[A-Za-z0-9][!-~]*)?$"
    )]
    link: Option<String>,
}

impl Stored for StoredItem<MoveInInspection> {
    type Row = MoveInInspection;
    type Request = MoveInInspectionRequest;
    type Body = MoveInInspectionResponse;
    const IDENTITY: &'static [&'static str] = &["inspection_id", "erp_inspection_id"];

    fn row(&self) -> &MoveInInspection {
        &self.row
    }

    fn row_hash(&self) -> &[u8] {
        &self.row_hash
    }

    fn owner(&self) -> Option<(PartyId, bool)> {
        Some((self.row.party_id, self.party_protected))
    }

    fn body(&self, visibility: Visibility) -> MoveInInspectionResponse {
        MoveInInspectionResponse::of(self.row.clone(), visibility)
    }

    fn read(fields: &Map<String, Value>) -> Result<Option<MoveInInspection>, FieldError> {
        read_json(fields)
    }

    fn identified(row: MoveInInspection, before: &MoveInInspection) -> MoveInInspection {
        MoveInInspection { inspection_id: before.inspection_id, ..row }
    }

    fn find_again(reader: &mut Reader<'_>, row: &MoveInInspection) -> StoreResult<Option<Self>> {
        due_items::find_by_key(reader, &row.key())
    }

    fn upsert(writer: &mut Writer<'_>, rows: Vec<MoveInInspection>) -> StoreResult<Upserted> {
        due_items::upsert(writer, rows)
    }

    fn check(writer: &mut Writer<'_>, _: Option<&Self>, row: &MoveInInspection, _: bool) -> Result<(), Problem> {
        check_due_item(writer, row.party_id, Some(row.property_id))
    }
}
