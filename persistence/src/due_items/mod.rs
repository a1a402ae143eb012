//! Key loans and move-in inspections: rows of one table, each kind in its own words ([`DueItem`]). Upsert in sets, lists of
//! what is late and what is due soon, and reading back.

mod kinds;
mod list;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::attribute::Attributes;
use domain::ids::new_id;
use domain::register::PartyId;
use serde::Serialize;
use uuid::Uuid;

use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::local_values;
use crate::register::{Upserted, hashed};
use crate::staging::{self, Filled, Stage, StagedRow};
use crate::types::{DbId, UtcTime, UuidT};

pub use kinds::{DueItem, ItemColumns};
pub use list::{DueFilter, DueState, list};

/// A row, and whether its party is protected, in which case where it lives is not shown to everyone.
#[derive(Debug, Clone)]
pub struct StoredItem<T> {
    pub row: T,
    pub party_protected: bool,
    /// Hash of the row, as the ETag shows it.
    pub row_hash: Vec<u8>,
}

/// Adds and changes rows; unchanged ones are left alone, and a row that is there already keeps its own id.
///
/// # Errors
/// A failure of the database.
pub fn upsert<T: DueItem>(writer: &mut Writer<'_>, rows: Vec<T>) -> StoreResult<Upserted> {
    staging::upsert(writer, rows)
}

const INSERT: &str = "INSERT INTO due_item (item_id, kind, item_key, erp_id, party_id, property_id, title, details, begun_at, \
    due_at, done_at, row_hash)";

const ON_CONFLICT: &str = " ON CONFLICT (kind, item_key) DO UPDATE SET party_id = excluded.party_id, \
    property_id = excluded.property_id, title = excluded.title, details = excluded.details, \
    begun_at = excluded.begun_at, due_at = excluded.due_at, done_at = excluded.done_at, row_hash = excluded.row_hash";

impl<T: DueItem> Filled for T {
    const INSERT: &'static str = INSERT;
}

impl<T: DueItem + Serialize> Stage for T {
    const TABLES: &'static [&'static str] = &["due_item"];

    fn stage(self, _: &Attributes) -> StoreResult<StagedRow> {
        let key = self.row_key();
        // The row's own id is ours, not the ERP's: it does not tell whether the row has changed.
        let (json, hash) = hashed(&self.clone().with_id(Uuid::nil()))?;
        let mut columns = self.into_columns();
        if columns.item_id.is_nil() {
            columns.item_id = new_id();
        }
        let columns = values::<T>(key.clone(), columns, hash.clone()).into();
        Ok(StagedRow { key, json, hash, columns, words: Vec::new(), attributes: Vec::new() })
    }

    fn hashes(reader: &mut Reader<'_>, keys: &[&str]) -> StoreResult<HashMap<String, Vec<u8>>> {
        let mut query = Fragment::new("SELECT item_key, row_hash FROM due_item WHERE kind = ");
        query.bind(T::KIND.as_str()).sql(" AND item_key IN ").list(keys.iter().copied());
        let rows: Vec<HashRow> = query.one_off().load(reader.conn)?;
        Ok(rows.into_iter().map(|row| (row.item_key, row.row_hash)).collect())
    }

    fn write(writer: &mut Writer<'_>, new: Vec<StagedRow>, changed: Vec<StagedRow>) -> StoreResult<()> {
        insert_rows(writer, INSERT, new.into_iter().chain(changed).map(|row| row.columns), ON_CONFLICT)
    }
}

fn values<T: DueItem>(key: String, columns: ItemColumns, hash: Vec<u8>) -> [Value; 12] {
    let ItemColumns { item_id, erp_id, party_id, property_id, title, details, begun_at, due_at, done_at } = columns;
    [
        item_id.into(),
        T::KIND.as_str().into(),
        key.into(),
        erp_id.into(),
        party_id.into(),
        property_id.into(),
        title.into(),
        details.into(),
        begun_at.into(),
        due_at.into(),
        done_at.into(),
        hash.into(),
    ]
}

/// One row.
///
/// # Errors
/// A failure of the database.
pub fn find<T: DueItem>(reader: &mut Reader<'_>, item_id: Uuid) -> StoreResult<Option<StoredItem<T>>> {
    Ok(by_ids(reader, &[item_id])?.pop())
}

/// Those of these rows that are there, by due time.
///
/// # Errors
/// A failure of the database.
pub fn by_ids<T: DueItem>(reader: &mut Reader<'_>, ids: &[Uuid]) -> StoreResult<Vec<StoredItem<T>>> {
    let mut query = select::<T>();
    query.sql(" AND i.item_id IN ").list(ids.iter().copied()).sql(" ORDER BY i.due_at, i.item_id");
    load(reader, query)
}

/// The row with this key ([`local_values::RegisterRow::row_key`]).
///
/// # Errors
/// A failure of the database.
pub fn find_by_key<T: DueItem>(reader: &mut Reader<'_>, key: &str) -> StoreResult<Option<StoredItem<T>>> {
    let mut query = select::<T>();
    query.sql(" AND i.item_key = ").bind(key);
    Ok(load(reader, query)?.pop())
}

/// The rows with these keys.
///
/// # Errors
/// A failure of the database.
pub fn by_keys<T: DueItem>(reader: &mut Reader<'_>, keys: &[String]) -> StoreResult<Vec<T>> {
    let mut query = select::<T>();
    query.sql(" AND i.item_key IN ").list(keys.iter().map(String::as_str));
    Ok(load::<T>(reader, query)?.into_iter().map(|stored| stored.row).collect())
}

/// Deletes a row, and what was set here for it.
///
/// # Errors
/// A failure of the database.
pub fn delete<T: DueItem>(writer: &mut Writer<'_>, row: &T) -> StoreResult<()> {
    let key = row.row_key();
    let mut query = Fragment::new("DELETE FROM due_item WHERE kind = ");
    query.bind(T::KIND.as_str()).sql(" AND item_key = ").bind(key.as_str());
    query.execute(writer.conn)?;
    local_values::forget(writer, T::KIND, &[key])
}

/// The keys of the ERP's rows that are not done, in order, after the given one.
///
/// # Errors
/// A failure of the database.
pub fn open_of_erp<T: DueItem>(reader: &mut Reader<'_>, after: &str, limit: i64) -> StoreResult<Vec<String>> {
    let mut query = Fragment::new("SELECT item_key, row_hash FROM due_item WHERE kind = ");
    query.bind(T::KIND.as_str()).sql(" AND erp_id IS NOT NULL AND done_at IS NULL AND item_key > ").bind(after);
    query.sql(" ORDER BY item_key LIMIT ").bind(limit);
    Ok(query.load::<HashRow>(reader.conn)?.into_iter().map(|row| row.item_key).collect())
}

/// `SELECT … WHERE i.kind = …`, to which conditions are added.
fn select<T: DueItem>() -> Fragment {
    let mut query = Fragment::new(
        "SELECT i.item_id, i.erp_id, i.party_id, i.property_id, i.title, i.details, i.begun_at, i.due_at, i.done_at, \
         i.row_hash, p.address_protected FROM due_item i JOIN party p ON p.party_id = i.party_id WHERE i.kind = ",
    );
    query.bind(T::KIND.as_str());
    query
}

fn load<T: DueItem>(reader: &mut Reader<'_>, query: Fragment) -> StoreResult<Vec<StoredItem<T>>> {
    query.load::<ItemRow>(reader.conn)?.into_iter().map(ItemRow::into_stored).collect()
}

#[derive(QueryableByName)]
struct HashRow {
    #[diesel(sql_type = Text)]
    item_key: String,
    #[diesel(sql_type = Binary)]
    row_hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct ItemRow {
    #[diesel(sql_type = UuidT)]
    item_id: DbId,
    #[diesel(sql_type = Nullable<Text>)]
    erp_id: Option<String>,
    #[diesel(sql_type = BigInt)]
    party_id: PartyId,
    #[diesel(sql_type = Nullable<BigInt>)]
    property_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    title: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    details: Option<String>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    begun_at: Option<UtcTime>,
    #[diesel(sql_type = Timestamp)]
    due_at: UtcTime,
    #[diesel(sql_type = Nullable<Timestamp>)]
    done_at: Option<UtcTime>,
    #[diesel(sql_type = Binary)]
    row_hash: Vec<u8>,
    #[diesel(sql_type = Bool)]
    address_protected: bool,
}

impl ItemRow {
    fn into_stored<T: DueItem>(self) -> StoreResult<StoredItem<T>> {
        let Self {
            item_id,
            erp_id,
            party_id,
            property_id,
            title,
            details,
            begun_at,
            due_at,
            done_at,
            row_hash,
            address_protected,
        } = self;
        let row = T::from_columns(ItemColumns {
            item_id: item_id.0,
            erp_id,
            party_id,
            property_id,
            title,
            details,
            begun_at: begun_at.map(DateTime::<Utc>::from),
            due_at: due_at.into(),
            done_at: done_at.map(Into::into),
        })?;
        Ok(StoredItem { row, party_protected: address_protected, row_hash })
    }
}
