//! A key loan as the ERP gives it, and what of it may be set here.

use domain::due::KeyLoan;
use domain::invalid::FieldError;
use domain::register::PartyId;
use persistence::due_items::{self, StoredItem};
use persistence::register::Upserted;
use persistence::{Reader, StoreResult, Writer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::dto::KeyLoanResponse;
use crate::extract::instant_or_null;
use crate::problem::Problem;
use crate::register_import::read_json;
use crate::routes::register::references::check_due_item;
use crate::routes::register::visibility::Visibility;
use crate::routes::register::writing::Stored;

/// A key loan. The fields and their rules are those of the columns of `key_loans.csv`; what is left out or null is empty.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyLoanRequest {
    /// Who has the key.
    #[schema(example = 1042, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    party_id: i64,
    /// What the key opens.
    #[schema(example = 310, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    property_id: Option<i64>,
    /// What is written on the key, or what it is called.
    #[schema(example = "A 17", min_length = 1, max_length = 200)]
    key_code: String,
    /// More about the key.
    #[schema(example = "Ullakon avain", max_length = 200)]
    description: Option<String>,
    /// When it was lent.
    #[serde(default, deserialize_with = "instant_or_null")]
    #[schema(format = DateTime, example = "2026-11-01T10:00:00+02:00")]
    lent_at: Option<String>,
    /// Until when it must be back; not before `lent_at`.
    #[schema(format = DateTime, example = "2026-11-20T16:00:00+02:00")]
    due_at: String,
    /// When it came back; not before `lent_at`. Null while it is lent.
    #[serde(default, deserialize_with = "instant_or_null")]
    #[schema(format = DateTime, example = json!(null))]
    returned_at: Option<String>,
}

/// The fields of a key loan to set here (JSON Merge Patch, RFC 7396): those left out stay, null takes a value away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"returned_at": "2026-11-22T09:30:00+02:00"}))]
#[expect(dead_code, reason = "describes the patch; it is applied to the loan's JSON")]
pub struct KeyLoanPatch {
    /// As in PUT.
    #[schema(nullable = false, example = "A 17", min_length = 1, max_length = 200)]
    key_code: Option<String>,
    /// As in PUT.
    #[schema(example = "Ullakon avain", max_length = 200)]
    description: Option<String>,
    /// As in PUT.
    #[schema(format = DateTime)]
    lent_at: Option<String>,
    /// As in PUT.
    #[schema(nullable = false, format = DateTime)]
    due_at: Option<String>,
    /// As in PUT.
    #[schema(format = DateTime)]
    returned_at: Option<String>,
}

impl Stored for StoredItem<KeyLoan> {
    type Row = KeyLoan;
    type Request = KeyLoanRequest;
    type Body = KeyLoanResponse;
    const IDENTITY: &'static [&'static str] = &["loan_id", "erp_loan_id"];

    fn row(&self) -> &KeyLoan {
        &self.row
    }

    fn row_hash(&self) -> &[u8] {
        &self.row_hash
    }

    fn owner(&self) -> Option<(PartyId, bool)> {
        Some((self.row.party_id, self.party_protected))
    }

    fn body(&self, visibility: Visibility) -> KeyLoanResponse {
        KeyLoanResponse::of(self.row.clone(), visibility)
    }

    fn read(fields: &Map<String, Value>) -> Result<Option<KeyLoan>, FieldError> {
        read_json(fields)
    }

    fn identified(row: KeyLoan, before: &KeyLoan) -> KeyLoan {
        KeyLoan { loan_id: before.loan_id, ..row }
    }

    fn find_again(reader: &mut Reader<'_>, row: &KeyLoan) -> StoreResult<Option<Self>> {
        due_items::find_by_key(reader, &row.key())
    }

    fn upsert(writer: &mut Writer<'_>, rows: Vec<KeyLoan>) -> StoreResult<Upserted> {
        due_items::upsert(writer, rows)
    }

    fn check(writer: &mut Writer<'_>, _: Option<&Self>, row: &KeyLoan, _: bool) -> Result<(), Problem> {
        check_due_item(writer, row.party_id, row.property_id)
    }
}
