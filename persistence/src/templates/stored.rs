//! A template as it is now.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::template::Template;
use uuid::Uuid;

use crate::door::Reader;
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;
use crate::types::{DbId, UtcTime, UuidT};

/// A template as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTemplate {
    pub template_id: Uuid,
    /// Goes up by one with each save; the ETag shows it.
    pub version: i64,
    pub template: Template,
    /// Where it stands in lists: the Finnish order of names.
    pub sort_key: Vec<u8>,
    pub created_at: DateTime<Utc>,
    /// Subject of the token.
    pub created_by: String,
    pub updated_at: DateTime<Utc>,
    /// Subject of the token of the last save.
    pub updated_by: String,
}

pub(super) const TEMPLATE: &str = "SELECT template_id, version, content, sort_key, created_at, created_by, updated_at, \
                                   updated_by FROM template";

/// One template.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, template_id: Uuid) -> StoreResult<Option<StoredTemplate>> {
    let mut sql = Fragment::new(TEMPLATE);
    sql.sql(" WHERE template_id = ").bind(template_id);
    Ok(load(reader, sql)?.pop())
}

/// The templates that a statement beginning with [`TEMPLATE`] selects.
pub(super) fn load(reader: &mut Reader<'_>, sql: Fragment) -> StoreResult<Vec<StoredTemplate>> {
    sql.load::<TemplateRow>(reader.conn)?.into_iter().map(TemplateRow::into_stored).collect()
}

/// Reads the JSON of a template.
pub(super) fn read(content: &str, template_id: Uuid) -> StoreResult<Template> {
    serde_json::from_str(content)
        .map_err(|error| StoreError::Inconsistent(format!("template.content of {template_id}: {error}")))
}

#[derive(QueryableByName)]
struct TemplateRow {
    #[diesel(sql_type = UuidT)]
    template_id: DbId,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    content: String,
    #[diesel(sql_type = Binary)]
    sort_key: Vec<u8>,
    #[diesel(sql_type = Timestamp)]
    created_at: UtcTime,
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Timestamp)]
    updated_at: UtcTime,
    #[diesel(sql_type = Text)]
    updated_by: String,
}

impl TemplateRow {
    fn into_stored(self) -> StoreResult<StoredTemplate> {
        Ok(StoredTemplate {
            template_id: self.template_id.0,
            version: self.version,
            template: read(&self.content, self.template_id.0)?,
            sort_key: self.sort_key,
            created_at: self.created_at.into(),
            created_by: self.created_by,
            updated_at: self.updated_at.into(),
            updated_by: self.updated_by,
        })
    }
}
