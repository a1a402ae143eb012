//! An operation as the API shows it.

use chrono::{DateTime, Utc};
use persistence::operations::{OperationProgress as StoredProgress, StoredOperation};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::imports::jobs::OperationFailure;
use crate::imports::{Imported, KindCounts};
use crate::problem::Problem;

/// Work that outlasts its request. Read it until `status` is `succeeded` or `failed`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Operation {
    /// Its id.
    pub operation_id: Uuid,
    /// What it does: `register_import`. New values may appear.
    #[schema(example = "register_import")]
    kind: String,
    /// `queued`, `running`, `succeeded` or `failed`. New values may appear.
    #[schema(example = "running")]
    status: String,
    /// How far it is.
    progress: OperationProgress,
    /// What came of it; null unless it has succeeded.
    #[schema(required = true)]
    result: Option<ImportResult>,
    /// Why it failed; null unless it has. A failed import has changed nothing.
    #[schema(required = true)]
    error: Option<OperationError>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// The subject of the token it was asked for with.
    #[schema(example = "erp")]
    created_by: String,
    /// When it began.
    #[schema(required = true)]
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[schema(required = true)]
    finished_at: Option<DateTime<Utc>>,
}

/// How far an operation is.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationProgress {
    /// What is being done, or was done last: `waiting`, `checking`, `preparing` or `merging`. New values may appear.
    #[schema(example = "checking")]
    phase: String,
    /// How much of the phase is done, in bytes: all of it, once the operation has succeeded.
    #[schema(example = 1_048_576)]
    done: i64,
    /// How much the phase has in all, in bytes; 0 while that is not known.
    #[schema(example = 4_194_304)]
    total: i64,
}

/// What an import changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportResult {
    /// Of `parties.csv`.
    parties: ImportCounts,
    /// Of `properties.csv`.
    properties: ImportCounts,
    /// Of `contracts.csv`.
    contracts: ImportCounts,
    /// Of `roles.csv`.
    roles: ImportCounts,
    /// Of `key_loans.csv`.
    key_loans: ImportCounts,
    /// Of `move_in_inspections.csv`.
    move_in_inspections: ImportCounts,
    /// How many values set here the files have overruled; they are listed as conflicts.
    #[schema(example = 0)]
    conflicts: u64,
    /// How many rows were left out; the first 1000 are listed as bad rows.
    #[schema(example = 0)]
    bad_rows_total: u64,
}

/// What an import did with the rows of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportCounts {
    /// New rows.
    #[schema(example = 12)]
    added: u64,
    /// Rows that were there and have changed.
    #[schema(example = 3)]
    changed: u64,
    /// Rows that were there as they are.
    #[schema(example = 985)]
    unchanged: u64,
    /// Rows that a full import ended (roles, contracts), archived (parties) or called returned or answered (key loans, move-in
    /// inspections), because the files lack them.
    #[schema(example = 0)]
    ended: u64,
}

/// Why an operation failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationError {
    /// Stable: `bad_rows`, `mass_end`, `unreadable_files`, `attributes_changed`, `register_changed`, `interrupted`, `unavailable` or `internal`. New codes may appear.
    #[schema(example = "bad_rows")]
    code: String,
    /// One English sentence that names the remedy.
    #[schema(example = "2 bad rows; correct them, or keep the good ones with skip_bad_rows")]
    message: String,
}

impl Operation {
    /// The operation; `progress` is fresher than what is stored.
    pub fn new(stored: StoredOperation, progress: Option<StoredProgress>) -> Result<Self, Problem> {
        let StoredProgress { phase, done, total } = match progress {
            Some(fresh) if stored.finished_at.is_none() => fresh,
            _ => stored.progress,
        };
        let result = stored.result.map(|json| serde_json::from_str::<Imported>(&json)).transpose();
        let error = stored.error.map(|json| serde_json::from_str::<OperationFailure>(&json)).transpose();
        let error = error.map_err(Problem::internal)?;
        Ok(Self {
            operation_id: stored.operation_id,
            kind: stored.kind,
            status: stored.status.as_str().to_owned(),
            progress: OperationProgress { phase, done, total },
            result: result.map_err(Problem::internal)?.map(ImportResult::from),
            error: error.map(|OperationFailure { code, message }| OperationError { code, message }),
            created_at: stored.created_at,
            created_by: stored.created_by,
            started_at: stored.started_at,
            finished_at: stored.finished_at,
        })
    }
}

impl From<Imported> for ImportResult {
    fn from(imported: Imported) -> Self {
        let Imported {
            parties,
            properties,
            contracts,
            roles,
            key_loans,
            move_in_inspections,
            conflicts,
            bad_rows_total,
        } = imported;
        Self {
            parties: parties.into(),
            properties: properties.into(),
            contracts: contracts.into(),
            roles: roles.into(),
            key_loans: key_loans.into(),
            move_in_inspections: move_in_inspections.into(),
            conflicts,
            bad_rows_total,
        }
    }
}

impl From<KindCounts> for ImportCounts {
    fn from(KindCounts { added, changed, unchanged, ended }: KindCounts) -> Self {
        Self { added, changed, unchanged, ended }
    }
}
