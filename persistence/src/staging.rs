//! Rows of the register, worked out for their tables before the transaction that writes them.
//!
//! Folding, sort keys, phone numbers and words cost more than the writing. A large import works them out first, keeps them in
//! a file in the form of [`StagedRow::encode`], and holds the writer no longer than it takes to write.

mod encoding;

use std::collections::HashMap;

use domain::attribute::Attributes;
use domain::register::local;

use crate::attributes;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
pub use crate::fill::Filled;
use crate::fill::fill_rows;
use crate::fragment::Value;
use crate::local_values::{self, Origin, RegisterRow};
use crate::register::{BATCH, Upserted};

/// A row with everything its tables hold about it.
#[derive(Debug)]
pub struct StagedRow {
    /// [`RegisterRow::row_key`].
    pub(crate) key: String,
    /// The row itself as JSON, for the case that a local value changes it.
    pub(crate) json: Vec<u8>,
    /// Hash of `json`.
    pub(crate) hash: Vec<u8>,
    /// In the order of the table's INSERT.
    pub(crate) columns: Vec<Value>,
    /// Words to search by, and whether each is hidden.
    pub(crate) words: Vec<(String, bool)>,
    /// The declared attributes by name, in the form in which they are compared.
    pub(crate) attributes: Vec<(String, String)>,
}

/// A word of a staged row, in the order of its table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StagedWord {
    pub word: String,
    /// The id of the party or property.
    pub id: i64,
    pub hidden: bool,
}

/// What a table of words has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Maybe some of those that are written.
    Some,
    /// None.
    None,
}

/// All tables that kinds of rows are staged for.
pub const TABLES: &[&str] = &[
    "property",
    "property_word",
    "property_attribute",
    "party",
    "party_word",
    "party_attribute",
    "contract",
    "role",
    "due_item",
];

/// A kind of row that can be staged.
pub trait Stage: RegisterRow + Filled {
    /// The table, that of its words, and that of its attributes; one that can be searched by words has all three.
    const TABLES: &'static [&'static str];
    /// Works a row out; `declared` are the attributes it is searched by.
    ///
    /// # Errors
    /// When the row cannot be written as JSON, which every row can.
    fn stage(self, declared: &Attributes) -> StoreResult<StagedRow>;

    /// The hashes of those of these rows that the table holds, by key.
    ///
    /// # Errors
    /// A failure of the database.
    fn hashes(reader: &mut Reader<'_>, keys: &[&str]) -> StoreResult<HashMap<String, Vec<u8>>>;

    /// Writes rows that are new or have changed.
    ///
    /// # Errors
    /// A failure of the database.
    fn write(writer: &mut Writer<'_>, new: Vec<StagedRow>, changed: Vec<StagedRow>) -> StoreResult<()>;

    /// Writes the attributes of rows that were added to an empty table.
    ///
    /// # Errors
    /// A failure of the database.
    fn write_attributes(_writer: &mut Writer<'_>, _rows: &mut [StagedRow]) -> StoreResult<()> {
        Ok(())
    }

    /// Writes words that were taken out of their rows ([`StagedRow::take_words`]), after the rows.
    ///
    /// # Errors
    /// A failure of the database.
    fn write_words(_writer: &mut Writer<'_>, _words: Vec<StagedWord>, _there: Words) -> StoreResult<()> {
        Ok(())
    }
}

/// Adds and changes rows; unchanged ones are left alone.
///
/// # Errors
/// A failure of the database.
pub fn upsert<T: Stage>(writer: &mut Writer<'_>, rows: Vec<T>) -> StoreResult<Upserted> {
    let declared = attributes::declared(writer)?;
    let mut total = Upserted::default();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let batch =
            rows.by_ref().take(BATCH).map(|row| row.stage(&declared)).collect::<StoreResult<Vec<StagedRow>>>()?;
        total += upsert_staged::<T>(writer, batch)?;
    }
    Ok(total)
}

/// Adds rows, whose words were taken out, to an empty table.
///
/// # Errors
/// A failure of the database.
pub fn add_staged<T: Stage>(writer: &mut Writer<'_>, mut rows: Vec<StagedRow>) -> StoreResult<Upserted> {
    let added = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let columns: Vec<Vec<Value>> = rows.iter_mut().map(|row| std::mem::take(&mut row.columns)).collect();
    fill_rows::<T, _>(writer, columns)?;
    T::write_attributes(writer, &mut rows)?;
    Ok(Upserted { added, ..Upserted::default() })
}

/// [`upsert`] of rows that are worked out already, in batches of [`BATCH`] or so.
///
/// # Errors
/// A failure of the database.
pub fn upsert_staged<T: Stage>(writer: &mut Writer<'_>, rows: Vec<StagedRow>) -> StoreResult<Upserted> {
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let known = T::hashes(writer, &keys)?;
    let (mut new, mut changed, mut counts) = (Vec::new(), Vec::new(), Upserted::default());
    for row in rows {
        match known.get(&row.key) {
            None => {
                counts.added += 1;
                new.push(row);
            }
            Some(hash) if *hash != row.hash => {
                counts.changed += 1;
                changed.push(row);
            }
            Some(_) => counts.unchanged += 1,
        }
    }
    T::write(writer, new, changed)?;
    Ok(counts)
}

/// Takes out the rows that the register holds as they are; answers the others and how many it took. A row with local values stays:
/// what it says may be what was set here, which then is local no more.
///
/// # Errors
/// A failure of the database.
pub fn without_unchanged<T: Stage>(
    reader: &mut Reader<'_>,
    rows: Vec<StagedRow>,
) -> StoreResult<(Vec<StagedRow>, u64)> {
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let known = T::hashes(reader, &keys)?;
    let is_same = |row: &StagedRow| known.get(&row.key) == Some(&row.hash);
    let same: Vec<String> = rows.iter().filter(|row| is_same(row)).map(|row| row.key.clone()).collect();
    let local = local_values::of_rows(reader, T::KIND, &same)?;
    let before = rows.len();
    let rest: Vec<StagedRow> = rows.into_iter().filter(|row| !is_same(row) || local.contains_key(&row.key)).collect();
    let unchanged = u64::try_from(before - rest.len()).unwrap_or(u64::MAX);
    Ok((rest, unchanged))
}

/// What became of staged rows when local values were put in.
#[derive(Debug)]
pub struct SettledRows {
    pub rows: Vec<StagedRow>,
    /// The keys of those that have local values: their words are in the rows again, and not those taken out before.
    pub local: Vec<String>,
    pub conflicts: u64,
}

/// [`local_values::settle`] for staged rows.
///
/// # Errors
/// A failure of the database.
pub fn settle_staged<T: Stage>(
    writer: &mut Writer<'_>,
    rows: Vec<StagedRow>,
    origin: &Origin,
) -> StoreResult<SettledRows> {
    let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
    let mut locals = local_values::of_rows(writer, T::KIND, &keys)?;
    let declared = attributes::declared(writer)?;
    let mut settled = SettledRows { rows: Vec::with_capacity(rows.len()), local: Vec::new(), conflicts: 0 };
    for row in rows {
        let Some(locals) = locals.remove(&row.key) else {
            settled.rows.push(row);
            continue;
        };
        let erp: T = serde_json::from_slice(&row.json).map_err(|error| broken(&error))?;
        let result = local::settle(&erp, &locals).map_err(|error| broken(&error))?;
        settled.conflicts += local_values::keep_outcome(writer, &erp, &result, origin)?;
        settled.rows.push(result.row.stage(&declared)?);
        settled.local.push(row.key);
    }
    Ok(settled)
}

impl StagedRow {
    /// The id of the party, property or contract; roles and what is due have none of the ERP's.
    pub fn id(&self) -> Option<i64> {
        self.key.parse().ok()
    }

    /// Takes the words out, to be written by themselves.
    pub fn take_words(&mut self) -> Vec<StagedWord> {
        let Some(id) = self.id() else { return Vec::new() };
        std::mem::take(&mut self.words).into_iter().map(|(word, hidden)| StagedWord { word, id, hidden }).collect()
    }
}

fn broken(what: &dyn std::fmt::Display) -> StoreError {
    StoreError::Inconsistent(format!("a staged row: {what}"))
}
