//! The first filling of a table on SQLite: its indexes are built once at the end rather than row by row. All of it happens in
//! the caller's transaction, so that others see either the empty table or the full one, and the indexes always.
//!
//! On PostgreSQL dropping an index would lock readers out; there the indexes stay.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl};

use crate::connection::AnyConnection;
use crate::door::Writer;
use crate::error::StoreResult;

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

/// Drops the indexes of these tables, if the first of them is empty and the database is SQLite. Those that stand for a
/// constraint stay.
///
/// # Errors
/// A failure of the database.
pub fn drop_indexes(writer: &mut Writer<'_>, tables: &[&'static str]) -> StoreResult<DroppedIndexes> {
    let (AnyConnection::Sqlite(conn), Some(first)) = (&mut *writer.conn, tables.first()) else {
        return Ok(DroppedIndexes::default());
    };
    let any: Any = diesel::sql_query(format!("SELECT EXISTS (SELECT 1 FROM {first}) AS found")).get_result(conn)?;
    let mut dropped = Vec::new();
    if !any.found {
        for table in tables {
            let select =
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?";
            let indexes: Vec<IndexRow> = diesel::sql_query(select).bind::<Text, _>(table).load(conn)?;
            for IndexRow { name, sql } in indexes {
                conn.batch_execute(&format!("DROP INDEX \"{name}\""))?;
                dropped.push(sql);
            }
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
