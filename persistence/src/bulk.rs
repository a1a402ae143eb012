//! The first filling of a table, whose indexes are built once at the end rather than row by row. All of it happens in the
//! caller's transaction, so that others see either the empty table or the full one, and the indexes always.
//!
//! SQLite drops the indexes and builds them again. On PostgreSQL that would lock readers out for as long as it takes; there the
//! table of words, which nothing refers to, is filled beside the old one and takes its place in an instant.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};

use crate::connection::AnyConnection;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fill::first_no_more;
use crate::fragment::Fragment;
use crate::staging::Words;

/// A filling under way, to be ended by [`end`].
#[derive(Debug)]
pub enum Filling {
    /// Indexes to be built again, as SQL.
    Dropped(Vec<String>),
    /// A table whose successor is being filled.
    Beside(&'static str),
    /// The tables are filled as they are.
    Plain,
}

impl Filling {
    /// Where the words go.
    pub fn words(&self) -> Words {
        match self {
            Self::Beside(_) => Words::Beside,
            Self::Dropped(_) | Self::Plain => Words::Empty,
        }
    }
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

/// Prepares an empty table, and those of its words and attributes if it has them ([`crate::staging::Stage::TABLES`]), for being
/// filled.
///
/// # Errors
/// A failure of the database.
pub fn begin(writer: &mut Writer<'_>, tables: &[&'static str]) -> StoreResult<Filling> {
    let conn = match &mut *writer.conn {
        AnyConnection::Sqlite(conn) => return drop_indexes(conn, tables),
        AnyConnection::Postgresql(conn) => conn,
    };
    let [_, words, ..] = tables else { return Ok(Filling::Plain) };
    if !has_never_held(conn, words)? {
        return Ok(Filling::Plain);
    }
    let like = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE";
    let create = format!("CREATE TABLE {words}_beside (LIKE {words} {like})");
    conn.batch_execute(&create).map_err(|error| first_no_more(error.into()))?;
    Ok(Filling::Beside(words))
}

/// Builds the indexes.
///
/// # Errors
/// A failure of the database.
pub fn end(writer: &mut Writer<'_>, filling: Filling) -> StoreResult<()> {
    match (&mut *writer.conn, filling) {
        (conn, Filling::Dropped(indexes)) => {
            for sql in indexes {
                conn.batch_execute(&sql)?;
            }
            Ok(())
        }
        (AnyConnection::Postgresql(conn), Filling::Beside(table)) => replace(conn, table),
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

/// Whether nobody ever put a row into a table: also not somebody of whom this transaction sees nothing.
fn has_never_held(conn: &mut PgConnection, table: &str) -> StoreResult<bool> {
    let sql = diesel::sql_query("SELECT pg_relation_size($1::regclass) > 0 AS found").bind::<Text, _>(table);
    Ok(!sql.load::<Any>(conn)?.into_iter().any(|any| any.found))
}

/// Puts `<table>_beside` in the place of `table`, with all its keys and indexes.
fn replace(conn: &mut PgConnection, table: &str) -> StoreResult<()> {
    let constraints = "SELECT conname::text AS name, pg_get_constraintdef(oid) AS sql FROM pg_constraint \
                       WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'f') ORDER BY contype DESC";
    let constraints: Vec<NamedSql> = diesel::sql_query(constraints).bind::<Text, _>(table).load(conn)?;
    let indexes = "SELECT c.relname::text AS name, \
                   regexp_replace(pg_get_indexdef(c.oid), ' INDEX .* USING ', ' INDEX \"' || c.relname || '_beside\" ON ' \
                       || $1 || '_beside USING ') AS sql \
                   FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::regclass \
                   AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid AND k.conrelid = i.indrelid)";
    let indexes: Vec<NamedSql> = diesel::sql_query(indexes).bind::<Text, _>(table).load(conn)?;
    for NamedSql { name, sql } in &constraints {
        conn.batch_execute(&format!("ALTER TABLE {table}_beside ADD CONSTRAINT \"{name}_beside\" {sql}"))?;
    }
    for NamedSql { sql, .. } in &indexes {
        conn.batch_execute(sql)?;
    }
    conn.batch_execute(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))?;
    if !has_never_held(conn, table)? {
        // Somebody wrote words meanwhile.
        let copy = format!("INSERT INTO {table} SELECT * FROM {table}_beside; DROP TABLE {table}_beside");
        return conn.batch_execute(&copy).map_err(|error| first_no_more(error.into()));
    }
    conn.batch_execute(&format!("DROP TABLE {table}; ALTER TABLE {table}_beside RENAME TO {table}"))?;
    for NamedSql { name, .. } in &constraints {
        conn.batch_execute(&format!("ALTER TABLE {table} RENAME CONSTRAINT \"{name}_beside\" TO \"{name}\""))?;
    }
    for NamedSql { name, .. } in &indexes {
        conn.batch_execute(&format!("ALTER INDEX \"{name}_beside\" RENAME TO \"{name}\""))?;
    }
    Ok(())
}
