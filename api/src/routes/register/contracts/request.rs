//! A contract as the ERP gives it, and what of it may be set here.

use domain::invalid::FieldError;
use domain::register::{Contract, PartyId};
use persistence::contracts::{self, StoredContract};
use persistence::register::Upserted;
use persistence::{Reader, StoreResult, Writer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::dto::ContractResponse;
use crate::extract::day_or_null;
use crate::problem::Problem;
use crate::register_import::read_json;
use crate::routes::register::references::check_contract;
use crate::routes::register::visibility::Visibility;
use crate::routes::register::writing::Stored;

/// A contract as the ERP has it. The fields and their rules are those of the columns of `contracts.csv`; what is left out or
/// null is empty.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutContractRequest)]
pub struct ContractRequest {
    /// Whose contract it is.
    #[schema(example = 1042, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    party_id: i64,
    /// What the contract is about.
    #[schema(example = 310, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    property_id: i64,
    /// The ERP's word for the kind of contract, in lower case, for instance `tenancy`.
    #[schema(example = "tenancy", max_length = 64, pattern = "^[a-z][a-z0-9_]*$")]
    kind: String,
    /// The service language chosen with this contract (BCP 47).
    #[schema(example = "sv")]
    language: Option<String>,
    /// The first day of the contract; null: it has always been.
    #[serde(default, deserialize_with = "day_or_null")]
    #[schema(format = Date, example = "2024-03-01")]
    valid_from: Option<String>,
    /// The last day of the contract; null: no end is known.
    #[serde(default, deserialize_with = "day_or_null")]
    #[schema(format = Date, example = json!(null))]
    valid_to: Option<String>,
    /// Whether the contract takes part in the points programme. By default false.
    #[serde(default)]
    #[schema(example = false)]
    points_enrolled: bool,
    /// Since which day it does.
    #[serde(default, deserialize_with = "day_or_null")]
    #[schema(format = Date, example = json!(null))]
    points_enrolled_on: Option<String>,
}

/// The fields of a contract to set here (JSON Merge Patch, RFC 7396): those left out stay, null takes a value away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"language": "sv"}))]
#[expect(dead_code, reason = "describes the patch; it is applied to the contract's JSON")]
pub struct ContractPatch {
    /// As in PUT.
    #[schema(nullable = false, example = "tenancy")]
    kind: Option<String>,
    /// As in PUT.
    language: Option<String>,
    /// As in PUT.
    #[schema(format = Date)]
    valid_from: Option<String>,
    /// As in PUT.
    #[schema(format = Date)]
    valid_to: Option<String>,
    /// As in PUT.
    points_enrolled: Option<bool>,
    /// As in PUT.
    #[schema(format = Date)]
    points_enrolled_on: Option<String>,
}

impl Stored for StoredContract {
    type Row = Contract;
    type Request = ContractRequest;
    type Body = ContractResponse;
    const IDENTITY: &'static [&'static str] = &["contract_id"];

    fn row(&self) -> &Contract {
        &self.contract
    }

    fn row_hash(&self) -> &[u8] {
        &self.row_hash
    }

    fn owner(&self) -> Option<(PartyId, bool)> {
        Some((self.contract.party_id, self.party_protected))
    }

    fn body(&self, visibility: Visibility) -> ContractResponse {
        ContractResponse::of(self.contract.clone(), visibility)
    }

    fn read(fields: &Map<String, Value>) -> Result<Option<Contract>, FieldError> {
        read_json(fields)
    }

    fn find_again(reader: &mut Reader<'_>, row: &Contract) -> StoreResult<Option<Self>> {
        contracts::find(reader, row.contract_id)
    }

    fn upsert(writer: &mut Writer<'_>, rows: Vec<Contract>) -> StoreResult<Upserted> {
        contracts::upsert(writer, rows)
    }

    fn check(writer: &mut Writer<'_>, _: Option<&Self>, row: &Contract, _: bool) -> Result<(), Problem> {
        check_contract(writer, row)
    }
}
