//! Keys that the service makes for itself and shares among its processes.

use diesel::sql_types::Binary;
use diesel::{QueryableByName, RunQueryDsl};

use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::{Fragment, Value};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Binary)]
    secret: Vec<u8>,
}

/// The key of this name, if there is one.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, name: &'static str) -> StoreResult<Option<Vec<u8>>> {
    let mut sql = Fragment::new("SELECT secret FROM service_key WHERE name = ");
    sql.bind(name);
    Ok(sql.get_results::<Row>(reader.conn)?.pop().map(|row| row.secret))
}

/// The key of this name; `fresh` becomes it when there is none yet.
///
/// # Errors
/// A failure of the database.
pub fn get_or_keep(writer: &mut Writer<'_>, name: &'static str, fresh: &[u8]) -> StoreResult<Vec<u8>> {
    let mut sql = Fragment::new("INSERT INTO service_key (name, secret) VALUES ");
    sql.list([Value::from(name), fresh.to_vec().into()]).sql(" ON CONFLICT (name) DO NOTHING");
    sql.execute(writer.conn)?;
    find(writer, name)?.ok_or_else(|| StoreError::Inconsistent(format!("service_key {name}")))
}
