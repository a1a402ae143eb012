//! Values set here over those of the ERP, and the conflicts when the ERP overruled them. The rule is
//! [`domain::register::local`].

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::due::{KeyLoan, MoveInInspection};
use domain::ids::new_id;
use domain::register::local::{self, Conflict, LocalValue, RegisterKind, Settled};
use domain::register::{Contract, Party, PartyId, Property, Role};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::register::BATCH;
use crate::types::{DbId, UtcTime, UuidT};

/// A row of the register that may have local values.
pub trait RegisterRow: Serialize + DeserializeOwned + Clone + Send + 'static {
    const KIND: RegisterKind;

    /// What tells the row from others of its kind.
    fn row_key(&self) -> String;

    /// Whose row it is, for those that belong to a party.
    fn party_id(&self) -> Option<PartyId>;
}

macro_rules! register_rows {
    ($($row:ty, $kind:ident, |$it:ident| $key:expr, $party:expr;)+) => {
        $(impl RegisterRow for $row {
            const KIND: RegisterKind = RegisterKind::$kind;

            fn row_key(&self) -> String {
                let $it = self;
                $key
            }

            fn party_id(&self) -> Option<PartyId> {
                let $it = self;
                $party
            }
        })+
    };
}

register_rows! {
    Party, Party, |row| row.party_id.to_string(), Some(row.party_id);
    Property, Property, |row| row.property_id.to_string(), { let _ = row; None };
    Contract, Contract, |row| row.contract_id.to_string(), Some(row.party_id);
    Role, Role, |row| row.key(), Some(row.party_id);
    KeyLoan, KeyLoan, |row| row.key(), Some(row.party_id);
    MoveInInspection, MoveInInspection, |row| row.key(), Some(row.party_id);
}

/// Where the ERP's values come from.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    pub at: DateTime<Utc>,
    /// The import, if it is one.
    pub operation_id: Option<Uuid>,
}

/// The ERP's rows with the local values that hold; those that do not are forgotten, and conflicts are written down. Answers
/// the rows and how many conflicts there were.
///
/// # Errors
/// A failure of the database.
pub fn settle<T: RegisterRow>(writer: &mut Writer<'_>, rows: Vec<T>, origin: &Origin) -> StoreResult<(Vec<T>, u64)> {
    let (mut settled, mut conflicts) = (Vec::with_capacity(rows.len()), 0);
    for batch in rows.chunks(BATCH) {
        let keys: Vec<String> = batch.iter().map(RegisterRow::row_key).collect();
        let mut locals = of_rows(writer, T::KIND, &keys)?;
        for (row, key) in batch.iter().zip(keys) {
            let Some(locals) = locals.remove(&key) else {
                settled.push(row.clone());
                continue;
            };
            let result = local::settle(row, &locals).map_err(inconsistent)?;
            conflicts += keep_outcome(writer, row, &result, origin)?;
            settled.push(result.row);
        }
    }
    Ok((settled, conflicts))
}

/// Forgets the local values that do not hold any more, and writes the conflicts down; answers how many.
///
/// # Errors
/// A failure of the database.
pub(crate) fn keep_outcome<T: RegisterRow>(
    writer: &mut Writer<'_>,
    row: &T,
    outcome: &Settled<T>,
    origin: &Origin,
) -> StoreResult<u64> {
    let key = row.row_key();
    forget_fields(writer, T::KIND, &key, &outcome.dropped)?;
    record(writer, row, &key, &outcome.conflicts, origin)?;
    Ok(u64::try_from(outcome.conflicts.len()).unwrap_or(u64::MAX))
}

#[derive(QueryableByName)]
struct LocalRow {
    #[diesel(sql_type = Text)]
    row_key: String,
    #[diesel(sql_type = Text)]
    field: String,
    #[diesel(sql_type = Text)]
    erp_value: String,
    #[diesel(sql_type = Text)]
    local_value: String,
}

/// The local values of these rows, by key.
///
/// # Errors
/// A failure of the database.
pub fn of_rows(
    reader: &mut Reader<'_>,
    kind: RegisterKind,
    keys: &[String],
) -> StoreResult<HashMap<String, Vec<LocalValue>>> {
    let mut query =
        Fragment::new("SELECT row_key, field, erp_value, local_value FROM register_local_value WHERE kind = ");
    query.bind(kind.as_str()).sql(" AND row_key IN ").list(keys.iter().map(String::as_str));
    query.sql(" ORDER BY row_key, field");
    let mut found: HashMap<String, Vec<LocalValue>> = HashMap::new();
    for row in query.load::<LocalRow>(reader.conn)? {
        let value = LocalValue { field: row.field, erp: json(&row.erp_value)?, local: json(&row.local_value)? };
        found.entry(row.row_key).or_default().push(value);
    }
    Ok(found)
}

/// Replaces the local values of a row.
///
/// # Errors
/// A failure of the database.
pub fn replace(
    writer: &mut Writer<'_>,
    kind: RegisterKind,
    key: &str,
    values: &[LocalValue],
    by: &str,
    at: DateTime<Utc>,
) -> StoreResult<()> {
    forget(writer, kind, &[key.to_owned()])?;
    let rows = values.iter().map(|value| -> [Value; 7] {
        [
            kind.as_str().into(),
            key.into(),
            value.field.as_str().into(),
            value.erp.to_string().into(),
            value.local.to_string().into(),
            at.into(),
            by.into(),
        ]
    });
    insert_rows(
        writer,
        "INSERT INTO register_local_value (kind, row_key, field, erp_value, local_value, set_at, set_by)",
        rows,
        "",
    )
}

/// Forgets the local values of rows that are gone.
///
/// # Errors
/// A failure of the database.
pub fn forget(writer: &mut Writer<'_>, kind: RegisterKind, keys: &[String]) -> StoreResult<()> {
    for keys in keys.chunks(BATCH) {
        let mut query = Fragment::new("DELETE FROM register_local_value WHERE kind = ");
        query.bind(kind.as_str()).sql(" AND row_key IN ").list(keys.iter().map(String::as_str));
        query.execute(writer.conn)?;
    }
    Ok(())
}

fn forget_fields(writer: &mut Writer<'_>, kind: RegisterKind, key: &str, fields: &[String]) -> StoreResult<()> {
    if fields.is_empty() {
        return Ok(());
    }
    let mut query = Fragment::new("DELETE FROM register_local_value WHERE kind = ");
    query.bind(kind.as_str()).sql(" AND row_key = ").bind(key).sql(" AND field IN ");
    query.list(fields.iter().map(String::as_str));
    query.execute(writer.conn)?;
    Ok(())
}

fn record<T: RegisterRow>(
    writer: &mut Writer<'_>,
    row: &T,
    key: &str,
    conflicts: &[Conflict],
    origin: &Origin,
) -> StoreResult<()> {
    let rows = conflicts.iter().map(|conflict| -> [Value; 10] {
        [
            new_id().into(),
            T::KIND.as_str().into(),
            key.into(),
            row.party_id().into(),
            conflict.local.field.as_str().into(),
            conflict.local.erp.to_string().into(),
            conflict.local.local.to_string().into(),
            conflict.erp_now.to_string().into(),
            origin.at.into(),
            origin.operation_id.into(),
        ]
    });
    insert_rows(
        writer,
        "INSERT INTO register_conflict (conflict_id, kind, row_key, party_id, field, erp_before, local_value, erp_now, \
         detected_at, operation_id)",
        rows,
        "",
    )
}

/// A conflict as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredConflict {
    pub conflict_id: Uuid,
    pub kind: RegisterKind,
    /// The id of a party, property or contract.
    pub id: Option<i64>,
    /// Our id of a role that is still there.
    pub role_id: Option<Uuid>,
    /// Our id of a key loan or move-in inspection that is still there.
    pub item_id: Option<Uuid>,
    pub party_id: Option<PartyId>,
    /// Whether the party whose row it is is protected now.
    pub party_protected: bool,
    pub conflict: Conflict,
    pub detected_at: DateTime<Utc>,
    pub operation_id: Option<Uuid>,
}

#[derive(QueryableByName)]
struct ConflictRow {
    #[diesel(sql_type = UuidT)]
    conflict_id: DbId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    row_key: String,
    #[diesel(sql_type = Nullable<UuidT>)]
    role_id: Option<DbId>,
    #[diesel(sql_type = Nullable<UuidT>)]
    item_id: Option<DbId>,
    #[diesel(sql_type = Nullable<BigInt>)]
    party_id: Option<i64>,
    #[diesel(sql_type = Nullable<Bool>)]
    party_protected: Option<bool>,
    #[diesel(sql_type = Text)]
    field: String,
    #[diesel(sql_type = Text)]
    erp_before: String,
    #[diesel(sql_type = Text)]
    local_value: String,
    #[diesel(sql_type = Text)]
    erp_now: String,
    #[diesel(sql_type = Timestamp)]
    detected_at: UtcTime,
    #[diesel(sql_type = Nullable<UuidT>)]
    operation_id: Option<DbId>,
}

/// A page of conflicts, newest first, after the given one.
///
/// # Errors
/// A failure of the database.
pub fn list_conflicts(
    reader: &mut Reader<'_>,
    kind: Option<RegisterKind>,
    after: Option<Uuid>,
    limit: i64,
) -> StoreResult<Vec<StoredConflict>> {
    let mut query = Fragment::new(
        "SELECT c.conflict_id, c.kind, c.row_key, r.role_id, i.item_id, c.party_id, p.address_protected AS party_protected, c.field, \
         c.erp_before, c.local_value, c.erp_now, c.detected_at, c.operation_id FROM register_conflict c \
         LEFT JOIN party p ON p.party_id = c.party_id \
         LEFT JOIN role r ON c.kind = 'role' AND r.role_key = c.row_key \
         LEFT JOIN due_item i ON i.kind = c.kind AND i.item_key = c.row_key WHERE TRUE",
    );
    if let Some(kind) = kind {
        query.sql(" AND c.kind = ").bind(kind.as_str());
    }
    if let Some(after) = after {
        query.sql(" AND c.conflict_id < ").bind(after);
    }
    query.sql(" ORDER BY c.conflict_id DESC LIMIT ").bind(limit);
    query.load::<ConflictRow>(reader.conn)?.into_iter().map(ConflictRow::into_stored).collect()
}

impl ConflictRow {
    fn into_stored(self) -> StoreResult<StoredConflict> {
        let kind = RegisterKind::parse(&self.kind)
            .ok_or_else(|| StoreError::Inconsistent(format!("register_conflict.kind {}", self.kind)))?;
        let local = LocalValue { field: self.field, erp: json(&self.erp_before)?, local: json(&self.local_value)? };
        Ok(StoredConflict {
            conflict_id: self.conflict_id.0,
            kind,
            id: match kind {
                RegisterKind::Party | RegisterKind::Property | RegisterKind::Contract => self.row_key.parse().ok(),
                RegisterKind::Role | RegisterKind::KeyLoan | RegisterKind::MoveInInspection => None,
            },
            role_id: self.role_id.map(|id| id.0),
            item_id: self.item_id.map(|id| id.0),
            party_id: self.party_id,
            party_protected: self.party_protected.unwrap_or(false),
            conflict: Conflict { local, erp_now: json(&self.erp_now)? },
            detected_at: self.detected_at.into(),
            operation_id: self.operation_id.map(|id| id.0),
        })
    }
}

fn json(text: &str) -> StoreResult<serde_json::Value> {
    serde_json::from_str(text).map_err(inconsistent)
}

fn inconsistent(error: impl std::fmt::Display) -> StoreError {
    StoreError::Inconsistent(format!("a local value: {error}"))
}
