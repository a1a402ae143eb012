//! Work that outlasts its request: queued, done by one process, and known afterwards whatever became of that process.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::register::BATCH;
use crate::types::{DbId, UtcTime, UuidT};

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationStatus {
    Queued,
    Running,
    Succeeded,
    Failed,
}

impl OperationStatus {
    const ALL: [Self; 4] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed];

    /// The word of the API and of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// How far the work of an operation has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationProgress {
    /// What is being done.
    pub phase: String,
    pub done: i64,
    pub total: i64,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOperation {
    pub operation_id: Uuid,
    pub kind: String,
    pub status: OperationStatus,
    /// What was asked for, as JSON.
    pub request: String,
    pub progress: OperationProgress,
    /// What came of it, as JSON.
    pub result: Option<String>,
    /// Why it failed, as JSON.
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// Who does an operation, and until when others believe it.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    pub owner: Uuid,
    pub alive_until: DateTime<Utc>,
}

/// Adds an operation that waits for its owner.
///
/// # Errors
/// A failure of the database.
pub fn insert(writer: &mut Writer<'_>, operation: &StoredOperation, owner: Owner) -> StoreResult<()> {
    renew(writer, owner)?;
    let row: [Value; 10] = [
        operation.operation_id.into(),
        operation.kind.as_str().into(),
        OperationStatus::Queued.as_str().into(),
        operation.request.as_str().into(),
        operation.progress.phase.as_str().into(),
        operation.progress.done.into(),
        operation.progress.total.into(),
        operation.created_at.into(),
        operation.created_by.as_str().into(),
        owner.owner.into(),
    ];
    insert_rows(
        writer,
        "INSERT INTO operation (operation_id, kind, status, request, phase, done, total, created_at, created_by, owner)",
        [row],
        "",
    )
}

/// The operation begins; tells whether it is still its owner's, and has not ended.
///
/// # Errors
/// A failure of the database.
pub fn start(writer: &mut Writer<'_>, operation_id: Uuid, owner: Uuid, at: DateTime<Utc>) -> StoreResult<bool> {
    let mut query = Fragment::new("UPDATE operation SET status = 'running', started_at = ");
    query.bind(at).sql(" WHERE operation_id = ").bind(operation_id).sql(" AND owner = ").bind(owner);
    query.sql(" AND finished_at IS NULL");
    Ok(query.execute(writer.conn)? == 1)
}

/// Tells how far a running operation is.
///
/// # Errors
/// A failure of the database.
pub fn advance(writer: &mut Writer<'_>, operation_id: Uuid, progress: &OperationProgress) -> StoreResult<()> {
    let mut query = Fragment::new("UPDATE operation SET phase = ");
    query.bind(progress.phase.as_str()).sql(", done = ").bind(progress.done).sql(", total = ").bind(progress.total);
    query.sql(" WHERE operation_id = ").bind(operation_id).sql(" AND finished_at IS NULL");
    query.execute(writer.conn)?;
    Ok(())
}

/// The owner is alive: so is all that it has not finished.
///
/// # Errors
/// A failure of the database.
pub fn renew(writer: &mut Writer<'_>, owner: Owner) -> StoreResult<()> {
    let row: [Value; 2] = [owner.owner.into(), owner.alive_until.into()];
    let conflict = " ON CONFLICT (owner) DO UPDATE SET alive_until = excluded.alive_until";
    insert_rows(writer, "INSERT INTO operation_owner (owner, alive_until)", [row], conflict)
}

/// Forgets owners that were last alive before `before` and have left nothing unfinished.
///
/// # Errors
/// A failure of the database.
pub fn forget_owners(writer: &mut Writer<'_>, before: DateTime<Utc>) -> StoreResult<()> {
    let mut query = Fragment::new("DELETE FROM operation_owner WHERE alive_until < ");
    query.bind(before);
    query.sql(" AND owner NOT IN (SELECT o.owner FROM operation o WHERE o.finished_at IS NULL)");
    query.execute(writer.conn)?;
    Ok(())
}

/// The operation ends: with a result, or with an error. Tells whether it had not ended before: where it had, what was done for it
/// must not be kept.
///
/// # Errors
/// A failure of the database.
pub fn finish(
    writer: &mut Writer<'_>,
    operation_id: Uuid,
    outcome: Result<&str, &str>,
    progress: &OperationProgress,
    at: DateTime<Utc>,
) -> StoreResult<bool> {
    let mut query = ending(outcome, at);
    query.sql(", phase = ").bind(progress.phase.as_str());
    query.sql(", done = ").bind(progress.done).sql(", total = ").bind(progress.total);
    query.sql(" WHERE operation_id = ").bind(operation_id).sql(" AND finished_at IS NULL");
    Ok(query.execute(writer.conn)? == 1)
}

/// An operation fails whose owner is gone; tells whether the owner is still gone, and it had not ended.
///
/// # Errors
/// A failure of the database.
pub fn fail_lost(writer: &mut Writer<'_>, operation_id: Uuid, error: &str, now: DateTime<Utc>) -> StoreResult<bool> {
    let mut query = ending(Err(error), now);
    query.sql(" WHERE operation_id = ").bind(operation_id).sql(" AND finished_at IS NULL");
    push_owner_gone(&mut query, now);
    Ok(query.execute(writer.conn)? == 1)
}

fn ending(outcome: Result<&str, &str>, at: DateTime<Utc>) -> Fragment {
    let status = if outcome.is_ok() { OperationStatus::Succeeded } else { OperationStatus::Failed };
    let mut query = Fragment::new("UPDATE operation SET status = ");
    query.bind(status.as_str()).sql(", result = ").bind(outcome.ok().map(str::to_owned));
    query.sql(", error = ").bind(outcome.err().map(str::to_owned)).sql(", finished_at = ").bind(at);
    query
}

fn push_owner_gone(query: &mut Fragment, now: DateTime<Utc>) {
    query.sql(" AND owner NOT IN (SELECT w.owner FROM operation_owner w WHERE w.alive_until >= ").bind(now).sql(")");
}

/// Takes over a queued operation whose owner is gone; tells whether nobody was faster.
///
/// # Errors
/// A failure of the database.
pub fn adopt(writer: &mut Writer<'_>, operation_id: Uuid, owner: Owner, now: DateTime<Utc>) -> StoreResult<bool> {
    renew(writer, owner)?;
    let mut query = Fragment::new("UPDATE operation SET owner = ");
    query.bind(owner.owner).sql(" WHERE operation_id = ").bind(operation_id).sql(" AND status = 'queued'");
    push_owner_gone(&mut query, now);
    Ok(query.execute(writer.conn)? == 1)
}

const SELECT: &str = "SELECT operation_id, kind, status, request, phase, done, total, result, error, created_at, created_by, \
    started_at, finished_at FROM operation WHERE ";

/// One operation.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, operation_id: Uuid) -> StoreResult<Option<StoredOperation>> {
    let mut query = Fragment::new(SELECT);
    query.sql("operation_id = ").bind(operation_id);
    query.load::<OperationRow>(reader.conn)?.into_iter().next().map(OperationRow::into_stored).transpose()
}

/// Unfinished operations whose owner is gone.
///
/// # Errors
/// A failure of the database.
pub fn lost(reader: &mut Reader<'_>, kind: &str, now: DateTime<Utc>) -> StoreResult<Vec<StoredOperation>> {
    let mut query = Fragment::new(SELECT);
    query.sql("finished_at IS NULL AND kind = ").bind(kind);
    push_owner_gone(&mut query, now);
    query.sql(" ORDER BY operation_id");
    query.load::<OperationRow>(reader.conn)?.into_iter().map(OperationRow::into_stored).collect()
}

#[derive(QueryableByName)]
struct OperationRow {
    #[diesel(sql_type = UuidT)]
    operation_id: DbId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    request: String,
    #[diesel(sql_type = Text)]
    phase: String,
    #[diesel(sql_type = BigInt)]
    done: i64,
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = Nullable<Text>)]
    result: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
    #[diesel(sql_type = Timestamp)]
    created_at: UtcTime,
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Nullable<Timestamp>)]
    started_at: Option<UtcTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    finished_at: Option<UtcTime>,
}

impl OperationRow {
    fn into_stored(self) -> StoreResult<StoredOperation> {
        let status = OperationStatus::ALL
            .into_iter()
            .find(|status| status.as_str() == self.status)
            .ok_or_else(|| StoreError::Inconsistent(format!("operation.status {}", self.status)))?;
        Ok(StoredOperation {
            operation_id: self.operation_id.0,
            kind: self.kind,
            status,
            request: self.request,
            progress: OperationProgress { phase: self.phase, done: self.done, total: self.total },
            result: self.result,
            error: self.error,
            created_at: self.created_at.into(),
            created_by: self.created_by,
            started_at: self.started_at.map(Into::into),
            finished_at: self.finished_at.map(Into::into),
        })
    }
}

/// A row that an import could not take.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ImportBadRow {
    /// From 1.
    #[diesel(sql_type = BigInt)]
    pub row_no: i64,
    #[diesel(sql_type = Text)]
    pub file: String,
    #[diesel(sql_type = BigInt)]
    pub line: i64,
    #[diesel(sql_type = Nullable<Text>, column_name = column_name)]
    pub column: Option<String>,
    #[diesel(sql_type = Text)]
    pub reason: String,
}

/// Keeps the bad rows of an import.
///
/// # Errors
/// A failure of the database.
pub fn record_bad_rows(writer: &mut Writer<'_>, operation_id: Uuid, rows: &[ImportBadRow]) -> StoreResult<()> {
    for rows in rows.chunks(BATCH) {
        let rows = rows.iter().map(|row| -> [Value; 6] {
            [
                operation_id.into(),
                row.row_no.into(),
                row.file.as_str().into(),
                row.line.into(),
                row.column.clone().into(),
                row.reason.as_str().into(),
            ]
        });
        insert_rows(
            writer,
            "INSERT INTO import_bad_row (operation_id, row_no, file, line, column_name, reason)",
            rows,
            "",
        )?;
    }
    Ok(())
}

/// A page of the bad rows of an import, after the given number.
///
/// # Errors
/// A failure of the database.
pub fn list_bad_rows(
    reader: &mut Reader<'_>,
    operation_id: Uuid,
    after: i64,
    limit: i64,
) -> StoreResult<Vec<ImportBadRow>> {
    let mut query =
        Fragment::new("SELECT row_no, file, line, column_name, reason FROM import_bad_row WHERE operation_id = ");
    query.bind(operation_id).sql(" AND row_no > ").bind(after).sql(" ORDER BY row_no LIMIT ").bind(limit);
    Ok(query.load(reader.conn)?)
}
