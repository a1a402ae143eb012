//! Templates as they were at every save.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::template::Template;
use uuid::Uuid;

use super::stored::read;
use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;
use crate::types::UtcTime;

/// A template as it was from one save on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedVersion {
    pub version: i64,
    pub template: Template,
    pub saved_at: DateTime<Utc>,
    /// Subject of the token.
    pub saved_by: String,
    /// The version whose text it took again.
    pub restored_from: Option<i64>,
}

const SAVED: &str =
    "SELECT version, content, saved_at, saved_by, restored_from FROM template_version WHERE template_id = ";

/// One version of a template.
///
/// # Errors
/// A failure of the database.
pub fn find_version(reader: &mut Reader<'_>, template_id: Uuid, version: i64) -> StoreResult<Option<SavedVersion>> {
    let mut sql = Fragment::new(SAVED);
    sql.bind(template_id).sql(" AND version = ").bind(version);
    Ok(load(reader, sql, template_id)?.pop())
}

/// A page of the versions of a template, newest first, older than the given one.
///
/// # Errors
/// A failure of the database.
pub fn list_versions(
    reader: &mut Reader<'_>,
    template_id: Uuid,
    before: Option<i64>,
    limit: i64,
) -> StoreResult<Vec<SavedVersion>> {
    let mut sql = Fragment::new(SAVED);
    sql.bind(template_id);
    if let Some(before) = before {
        sql.sql(" AND version < ").bind(before);
    }
    sql.sql(" ORDER BY version DESC LIMIT ").bind(limit);
    load(reader, sql, template_id)
}

fn load(reader: &mut Reader<'_>, sql: Fragment, template_id: Uuid) -> StoreResult<Vec<SavedVersion>> {
    let rows = sql.load::<VersionRow>(reader.conn)?.into_iter();
    rows.map(|row| {
        let VersionRow { version, content, saved_at, saved_by, restored_from } = row;
        let template = read(&content, template_id)?;
        Ok(SavedVersion { version, template, saved_at: saved_at.into(), saved_by, restored_from })
    })
    .collect()
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    content: String,
    #[diesel(sql_type = Timestamp)]
    saved_at: UtcTime,
    #[diesel(sql_type = Text)]
    saved_by: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    restored_from: Option<i64>,
}
