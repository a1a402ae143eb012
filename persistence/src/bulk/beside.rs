//! Filling tables of PostgreSQL beside the old ones: in a schema of their own, which statements find first as long as the
//! filling goes on. At the end they get their keys and indexes, and move to where the old ones were.

use diesel::connection::SimpleConnection;
use diesel::pg::Pg;
use diesel::sql_types::{Array, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl};

use super::{Any, NamedSql};
use crate::error::{StoreError, StoreResult};
use crate::fill::first_no_more;

/// The schema of the tables that are being filled. It is gone before the transaction ends.
const SCHEMA: &str = "postitus_filling";

/// A filling under way.
#[derive(Debug)]
pub struct Beside {
    tables: &'static [&'static str],
    /// The schema of the old tables.
    home: String,
    search_path: String,
    /// The statements that add keys, references and indexes. References need the keys, and to be checked quickly nothing more.
    built: Vec<String>,
}

/// What refers to the old tables.
#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    drop: String,
    #[diesel(sql_type = Text)]
    add: String,
}

impl Beside {
    /// Makes empty tables beside these; nothing when one of them ever had a row, or has what a new table would lack: grants,
    /// triggers, views, a place in a publication. Nor when the user does not own them, or may not create a schema.
    pub(super) fn begin(conn: &mut PgConnection, tables: &'static [&'static str]) -> StoreResult<Option<Self>> {
        if !could_be_replaced(conn, tables)? {
            return Ok(None);
        }
        let homes = "SELECT DISTINCT n.nspname::text AS name, current_setting('search_path') AS sql FROM pg_class r \
                     JOIN pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = ANY ($1::regclass[])";
        let homes: Vec<NamedSql> = about(conn, homes, tables)?;
        let [NamedSql { name: home, sql: search_path }] = homes.as_slice() else { return Ok(None) };
        let constraints = "SELECT r.relname::text AS name, format('ALTER TABLE %I ADD CONSTRAINT %I %s', r.relname, c.conname, \
                           pg_get_constraintdef(c.oid)) AS sql FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid \
                           WHERE c.conrelid = ANY ($1::regclass[]) AND c.contype IN ('p', 'u', 'f') ORDER BY c.contype = 'f'";
        let constraints: Vec<NamedSql> = about(conn, constraints, tables)?;
        let indexes = "SELECT r.relname::text AS name, regexp_replace(pg_get_indexdef(i.indexrelid), \
                       ' ON (ONLY )?\\S+ USING ', format(' ON %I USING ', r.relname)) AS sql \
                       FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid WHERE i.indrelid = ANY ($1::regclass[]) \
                       AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid \
                       AND c.conrelid = i.indrelid)";
        let indexes: Vec<NamedSql> = about(conn, indexes, tables)?;

        conn.batch_execute(&format!("CREATE SCHEMA {SCHEMA}")).map_err(|error| first_no_more(error.into()))?;
        for table in tables {
            conn.batch_execute(&format!(
                "CREATE TABLE {SCHEMA}.{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED \
                 INCLUDING IDENTITY INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING STATISTICS INCLUDING COMMENTS)"
            ))?;
        }
        conn.batch_execute(&format!("SET LOCAL search_path = {SCHEMA}, {search_path}"))?;
        let (home, search_path) = (home.clone(), search_path.clone());
        let built = constraints.into_iter().chain(indexes).map(|row| row.sql).collect();
        Ok(Some(Self { tables, home, search_path, built }))
    }

    /// Builds keys and indexes, and puts the tables in their places. Readers wait from here to the end of the transaction.
    pub(super) fn end(self, conn: &mut PgConnection) -> StoreResult<()> {
        let Self { tables, home, search_path, built } = self;
        for sql in &built {
            conn.batch_execute(sql)?;
        }
        conn.batch_execute(&format!("SET LOCAL search_path = {search_path}"))?;
        conn.batch_execute(&format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", tables.join(", ")))?;
        if !have_never_held(conn, tables)? {
            return Err(StoreError::Contended);
        }
        let references = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop, \
                          format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, \
                          pg_get_constraintdef(oid)) AS add FROM pg_constraint WHERE contype = 'f' \
                          AND confrelid = ANY ($1::regclass[]) AND NOT conrelid = ANY ($1::regclass[]) \
                          ORDER BY conrelid::regclass::text, conname";
        let references: Vec<Reference> = about(conn, references, tables)?;
        for Reference { drop, .. } in &references {
            conn.batch_execute(drop)?;
        }
        conn.batch_execute(&format!("DROP TABLE {}", tables.join(", ")))?;
        for table in tables {
            conn.batch_execute(&format!("ALTER TABLE {SCHEMA}.{table} SET SCHEMA \"{home}\""))?;
        }
        for Reference { add, .. } in &references {
            conn.batch_execute(add)?;
        }
        conn.batch_execute(&format!("DROP SCHEMA {SCHEMA}"))?;
        Ok(())
    }
}

/// What the catalogue tells of these tables, which are `$1`.
fn about<T: QueryableByName<Pg> + 'static>(
    conn: &mut PgConnection,
    sql: &'static str,
    tables: &[&'static str],
) -> StoreResult<Vec<T>> {
    Ok(diesel::sql_query(sql).bind::<Array<Text>, _>(tables).load(conn)?)
}

/// Whether nobody ever put a row into these tables: also not somebody of whom this transaction sees nothing.
fn have_never_held(conn: &mut PgConnection, tables: &[&'static str]) -> StoreResult<bool> {
    let sql = "SELECT bool_or(pg_relation_size(t) > 0) AS found FROM unnest($1::regclass[]) t";
    let found: Vec<Any> = about(conn, sql, tables)?;
    Ok(!found.into_iter().any(|any| any.found))
}

fn could_be_replaced(conn: &mut PgConnection, tables: &[&'static str]) -> StoreResult<bool> {
    let sql = "SELECT has_database_privilege(current_database(), 'CREATE') AND NOT EXISTS (SELECT 1 FROM pg_class r \
               WHERE r.oid = ANY ($1::regclass[]) AND (pg_relation_size(r.oid) > 0 OR r.relacl IS NOT NULL \
               OR r.reloptions IS NOT NULL OR r.relrowsecurity \
               OR NOT pg_has_role(r.relowner, 'USAGE') \
               OR EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = r.oid AND NOT t.tgisinternal) \
               OR EXISTS (SELECT 1 FROM pg_publication_rel p WHERE p.prrelid = r.oid) \
               OR EXISTS (SELECT 1 FROM pg_depend d WHERE d.refobjid = r.oid AND d.classid = 'pg_rewrite'::regclass))) \
               AS found";
    let found: Vec<Any> = about(conn, sql, tables)?;
    Ok(found.into_iter().any(|any| any.found))
}
