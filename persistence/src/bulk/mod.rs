//! The first filling of tables, whose indexes are built once at the end rather than row by row. All of it happens in the
//! caller's transaction, so that others see either the empty tables or the full ones, and the indexes always.
//!
//! SQLite drops the indexes and builds them again. On PostgreSQL that would lock readers out for as long as it takes; there the
//! tables of the whole register are filled beside the old ones, and take their places in an instant ([`beside`]).

mod beside;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl};

use crate::connection::AnyConnection;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::Fragment;

use self::beside::Beside;

/// A filling under way, to be ended by [`end`].
#[derive(Debug)]
pub enum Filling {
    /// Indexes to be built again, as SQL.
    Dropped(Vec<String>),
    /// Tables whose successors are being filled.
    Beside(Beside),
    /// The tables are filled as they are.
    Plain,
}

#[derive(QueryableByName)]
struct NamedSql {
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

/// Prepares tables that are empty, and are to have many rows, for being filled; `register` are all tables that the caller fills
/// with few or many.
///
/// # Errors
/// A failure of the database; [`crate::StoreError::Contended`] when another filling has just ended.
pub fn begin(
    writer: &mut Writer<'_>,
    large: &[&'static str],
    register: &'static [&'static str],
) -> StoreResult<Filling> {
    if large.is_empty() {
        return Ok(Filling::Plain);
    }
    match &mut *writer.conn {
        AnyConnection::Sqlite(conn) => drop_indexes(conn, large),
        AnyConnection::Postgresql(conn) => Ok(Beside::begin(conn, register)?.map_or(Filling::Plain, Filling::Beside)),
    }
}

/// Builds the indexes.
///
/// # Errors
/// A failure of the database; [`crate::StoreError::Contended`] when somebody wrote into the tables meanwhile.
pub fn end(writer: &mut Writer<'_>, filling: Filling) -> StoreResult<()> {
    match (&mut *writer.conn, filling) {
        (conn, Filling::Dropped(indexes)) => {
            for sql in indexes {
                conn.batch_execute(&sql)?;
            }
            Ok(())
        }
        (AnyConnection::Postgresql(conn), Filling::Beside(beside)) => beside.end(conn),
        _ => Ok(()),
    }
}

/// Has PostgreSQL look at tables that have just got many rows, within the transaction: what it believes of them until it looks
/// by itself, some minutes later, makes it read all of them for a few.
///
/// # Errors
/// A failure of the database.
pub fn analyze(writer: &mut Writer<'_>, tables: &[&'static str]) -> StoreResult<()> {
    let AnyConnection::Postgresql(conn) = &mut *writer.conn else { return Ok(()) };
    conn.batch_execute(&format!("ANALYZE {}", tables.join(", ")))?;
    Ok(())
}

/// Drops the indexes of these tables but those that stand for a constraint.
fn drop_indexes(conn: &mut SqliteConnection, tables: &[&'static str]) -> StoreResult<Filling> {
    let mut dropped = Vec::new();
    for table in tables {
        let select = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?";
        let indexes: Vec<NamedSql> = diesel::sql_query(select).bind::<Text, _>(table).load(conn)?;
        for NamedSql { name, sql } in indexes {
            conn.batch_execute(&format!("DROP INDEX \"{name}\""))?;
            dropped.push(sql);
        }
    }
    Ok(Filling::Dropped(dropped))
}
