//! Folders of templates.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::eligibility::Channel;
use domain::text::{fold, sort_key};
use uuid::Uuid;

use super::channel;
use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::{Fragment, Value};
use crate::types::{DbId, UtcTime, UuidT};

/// A folder as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFolder {
    pub folder_id: Uuid,
    /// Goes up by one with each change; the ETag shows it.
    pub version: i64,
    /// The channel of every template in it. It never changes.
    pub channel: Channel,
    pub name: String,
    /// Where it stands in lists: the Finnish order of names.
    pub sort_key: Vec<u8>,
    pub created_at: DateTime<Utc>,
    /// Subject of the token.
    pub created_by: String,
    pub updated_at: DateTime<Utc>,
}

/// What became of a wish to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderDeletion {
    Done,
    /// There are templates in it.
    InUse,
}

const FOLDER: &str =
    "SELECT folder_id, version, channel, name, sort_key, created_at, created_by, updated_at FROM template_folder";

/// Adds a folder, whose `sort_key` is worked out here; answers `false` when the channel has one of this name.
///
/// # Errors
/// A failure of the database.
pub fn insert_folder(writer: &mut Writer<'_>, folder: &StoredFolder) -> StoreResult<bool> {
    if has_name(writer, folder.channel, &folder.name, None)? {
        return Ok(false);
    }
    let mut sql = Fragment::new(
        "INSERT INTO template_folder (folder_id, version, channel, name, name_key, sort_key, created_at, created_by, \
         updated_at) VALUES ",
    );
    sql.list([
        Value::from(folder.folder_id),
        folder.version.into(),
        folder.channel.as_str().into(),
        folder.name.as_str().into(),
        fold(&folder.name).into(),
        sort_key(&folder.name).into(),
        folder.created_at.into(),
        folder.created_by.as_str().into(),
        folder.updated_at.into(),
    ]);
    sql.execute(writer.conn)?;
    Ok(true)
}

/// Gives a folder another name; answers `false` when its channel has one of that name.
///
/// # Errors
/// A failure of the database.
pub fn update_folder(writer: &mut Writer<'_>, old: &StoredFolder, name: &str, now: DateTime<Utc>) -> StoreResult<bool> {
    if has_name(writer, old.channel, name, Some(old.folder_id))? {
        return Ok(false);
    }
    let mut sql = Fragment::new("UPDATE template_folder SET version = ");
    sql.bind(old.version.saturating_add(1)).sql(", name = ").bind(name);
    sql.sql(", name_key = ").bind(fold(name)).sql(", sort_key = ").bind(sort_key(name));
    sql.sql(", updated_at = ").bind(now).sql(" WHERE folder_id = ").bind(old.folder_id);
    sql.execute(writer.conn)?;
    Ok(true)
}

/// Deletes a folder without templates.
///
/// # Errors
/// A failure of the database.
pub fn delete_folder(writer: &mut Writer<'_>, folder_id: Uuid) -> StoreResult<FolderDeletion> {
    let mut sql = Fragment::new("SELECT COUNT(*) AS count FROM template WHERE folder_id = ");
    sql.bind(folder_id);
    if sql.get_result::<CountRow>(writer.conn)?.count > 0 {
        return Ok(FolderDeletion::InUse);
    }
    let mut sql = Fragment::new("DELETE FROM template_folder WHERE folder_id = ");
    sql.bind(folder_id);
    sql.execute(writer.conn)?;
    Ok(FolderDeletion::Done)
}

/// One folder.
///
/// # Errors
/// A failure of the database.
pub fn find_folder(reader: &mut Reader<'_>, folder_id: Uuid) -> StoreResult<Option<StoredFolder>> {
    let mut sql = Fragment::new(FOLDER);
    sql.sql(" WHERE folder_id = ").bind(folder_id);
    sql.load::<FolderRow>(reader.conn)?.into_iter().map(FolderRow::into_stored).next().transpose()
}

/// A page of folders in Finnish order of their names, behind the given one.
///
/// # Errors
/// A failure of the database.
pub fn list_folders(
    reader: &mut Reader<'_>,
    channel: Option<Channel>,
    after: Option<(Vec<u8>, Uuid)>,
    limit: i64,
) -> StoreResult<Vec<StoredFolder>> {
    let mut sql = Fragment::new(FOLDER);
    sql.sql(" WHERE TRUE");
    if let Some(channel) = channel {
        sql.sql(" AND channel = ").bind(channel.as_str());
    }
    if let Some((key, id)) = after {
        sql.sql(" AND (sort_key, folder_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    sql.sql(" ORDER BY sort_key, folder_id LIMIT ").bind(limit);
    sql.load::<FolderRow>(reader.conn)?.into_iter().map(FolderRow::into_stored).collect()
}

fn has_name(reader: &mut Reader<'_>, channel: Channel, name: &str, but: Option<Uuid>) -> StoreResult<bool> {
    let mut sql = Fragment::new("SELECT COUNT(*) AS count FROM template_folder WHERE channel = ");
    sql.bind(channel.as_str()).sql(" AND name_key = ").bind(fold(name));
    if let Some(but) = but {
        sql.sql(" AND folder_id <> ").bind(but);
    }
    Ok(sql.get_result::<CountRow>(reader.conn)?.count > 0)
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct FolderRow {
    #[diesel(sql_type = UuidT)]
    folder_id: DbId,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Binary)]
    sort_key: Vec<u8>,
    #[diesel(sql_type = Timestamp)]
    created_at: UtcTime,
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Timestamp)]
    updated_at: UtcTime,
}

impl FolderRow {
    fn into_stored(self) -> StoreResult<StoredFolder> {
        Ok(StoredFolder {
            folder_id: self.folder_id.0,
            version: self.version,
            channel: channel(&self.channel)?,
            name: self.name,
            sort_key: self.sort_key,
            created_at: self.created_at.into(),
            created_by: self.created_by,
            updated_at: self.updated_at.into(),
        })
    }
}
