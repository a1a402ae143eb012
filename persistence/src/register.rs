//! What the register's tables share: unchanged rows are recognised by a hash and left alone, changed ones are upserted in
//! sets.

use std::collections::{HashMap, HashSet};

use diesel::sql_types::{BigInt, Binary, Nullable};
use diesel::{QueryableByName, RunQueryDsl};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;

/// How many rows one statement carries: more makes it no faster, and both databases limit the number of bound values.
pub const BATCH: usize = 200;

/// What an upsert did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Upserted {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
}

impl std::ops::AddAssign for Upserted {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
    }
}

/// Everything a row says, as JSON, and a hash over it, by which an unchanged row is recognised. Also the row's ETag.
pub(crate) fn hashed(row: &impl Serialize) -> StoreResult<(Vec<u8>, Vec<u8>)> {
    let json = serde_json::to_vec(row).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let hash = Sha256::digest(&json).iter().copied().take(16).collect();
    Ok((json, hash))
}

#[derive(QueryableByName)]
struct HashRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Binary)]
    row_hash: Vec<u8>,
}

/// The hashes of the rows with these integer ids, by the id as text; `select` is `SELECT <id> AS id, row_hash FROM <table>
/// WHERE <id> IN `.
pub(crate) fn hashes(
    reader: &mut Reader<'_>,
    select: &'static str,
    keys: &[&str],
) -> StoreResult<HashMap<String, Vec<u8>>> {
    let mut query = Fragment::new(select);
    query.list(keys.iter().filter_map(|key| key.parse::<i64>().ok()));
    // A plan that PostgreSQL kept from when the table was nearly empty would read all of it, for every batch of an import.
    let rows: Vec<HashRow> = query.one_off().load(reader.conn)?;
    Ok(rows.into_iter().map(|row| (row.id.to_string(), row.row_hash)).collect())
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Which of these ids the register holds.
macro_rules! known_ids {
    ($(#[$doc:meta])* $name:ident, $select:literal) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// A failure of the database.
        pub fn $name(reader: &mut Reader<'_>, ids: &[i64]) -> StoreResult<std::collections::HashSet<i64>> {
            let mut known = std::collections::HashSet::new();
            for chunk in ids.chunks(1000) {
                let mut query = Fragment::new($select);
                query.list(chunk.iter().copied());
                let rows: Vec<IdRow> = query.load(reader.conn)?;
                known.extend(rows.into_iter().map(|row| row.id));
            }
            Ok(known)
        }
    };
}

known_ids!(
    /// Which of these party ids the register holds.
    known_parties,
    "SELECT party_id AS id FROM party WHERE party_id IN "
);
known_ids!(
    /// Which of these property ids the register holds.
    known_properties,
    "SELECT property_id AS id FROM property WHERE property_id IN "
);
known_ids!(
    /// Which of these contract ids the register holds.
    known_contracts,
    "SELECT contract_id AS id FROM contract WHERE contract_id IN "
);

#[derive(QueryableByName)]
struct ParentRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    parent_id: Option<i64>,
}

/// The parents of those of these properties that the register holds and that have one: property to parent.
///
/// # Errors
/// A failure of the database.
pub fn property_parents(reader: &mut Reader<'_>, ids: &[i64]) -> StoreResult<HashMap<i64, i64>> {
    parents(reader, ids, "")
}

/// The way up from these properties to the top: property to parent. Until the transaction has ended, nobody else can move the
/// properties on it: two who each move one below the other's would make a circle, of which neither sees anything.
///
/// # Errors
/// A failure of the database.
pub fn way_up(writer: &mut Writer<'_>, ids: &[i64]) -> StoreResult<HashMap<i64, i64>> {
    let mut way = HashMap::new();
    let mut seen: HashSet<i64> = HashSet::new();
    let mut level: Vec<i64> = ids.to_vec();
    loop {
        level.retain(|id| seen.insert(*id));
        if level.is_empty() {
            return Ok(way);
        }
        let found = parents(writer, &level, " FOR SHARE")?;
        level = found.values().copied().collect();
        way.extend(found);
    }
}

fn parents(reader: &mut Reader<'_>, ids: &[i64], locking: &'static str) -> StoreResult<HashMap<i64, i64>> {
    let mut parents = HashMap::new();
    for chunk in ids.chunks(1000) {
        let mut query = Fragment::new("SELECT property_id AS id, parent_id FROM property WHERE property_id IN ");
        query.list(chunk.iter().copied()).postgres(locking);
        let rows: Vec<ParentRow> = query.load(reader.conn)?;
        parents.extend(rows.into_iter().filter_map(|row| Some((row.id, row.parent_id?))));
    }
    Ok(parents)
}
