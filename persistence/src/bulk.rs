//! The first filling of a table on SQLite: its indexes are built once at the end rather than row by row. All of it happens in
//! the caller's transaction, so that others see either the empty table or the full one, and the indexes always.
//!
//! On PostgreSQL dropping an index would lock readers out; there the indexes stay.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl};

use crate::connection::AnyConnection;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::Fragment;

/// Indexes to be built again.
#[derive(Debug, Default)]
pub struct DroppedIndexes(Vec<String>);

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

#[derive(QueryableByName)]
struct Any {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Whether a table has no rows.
///
/// # Errors
/// A failure of the database.
pub fn is_empty(reader: &mut Reader<'_>, table: &'static str) -> StoreResult<bool> {
    let mut sql = Fragment::new("SELECT EXISTS (SELECT 1 FROM ");
    sql.sql(table).sql(") AS found");
    Ok(!sql.load::<Any>(reader.conn)?.into_iter().any(|any| any.found))
}

/// Drops the indexes of these empty tables, if the database is SQLite. Those that stand for a constraint stay.
///
/// # Errors
/// A failure of the database.
pub fn drop_indexes(writer: &mut Writer<'_>, tables: &[&'static str]) -> StoreResult<DroppedIndexes> {
    let AnyConnection::Sqlite(conn) = &mut *writer.conn else { return Ok(DroppedIndexes::default()) };
    let mut dropped = Vec::new();
    for table in tables {
        let select = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?";
        let indexes: Vec<IndexRow> = diesel::sql_query(select).bind::<Text, _>(table).load(conn)?;
        for IndexRow { name, sql } in indexes {
            conn.batch_execute(&format!("DROP INDEX \"{name}\""))?;
            dropped.push(sql);
        }
    }
    Ok(DroppedIndexes(dropped))
}

/// Builds the indexes again.
///
/// # Errors
/// A failure of the database.
pub fn build_indexes(writer: &mut Writer<'_>, dropped: DroppedIndexes) -> StoreResult<()> {
    for sql in dropped.0 {
        writer.conn.batch_execute(&sql)?;
    }
    Ok(())
}
