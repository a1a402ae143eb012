//! Contact lists: of members put on them, or of whoever matches a saved query.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::register::PartyId;
use domain::text::sort_key;
use uuid::Uuid;

use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::{Fragment, Value};
use crate::types::{DbId, UtcTime, UuidT};

/// How many ids one statement names.
const TOGETHER: usize = 1000;

/// What is said of a contact list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactListData {
    pub name: String,
    pub description: Option<String>,
    /// Who is on it: whoever matches this saved query, or else those who were put on it.
    pub query_id: Option<Uuid>,
}

/// A contact list as it is stored.
#[derive(Debug, Clone)]
pub struct StoredContactList {
    pub list_id: Uuid,
    /// Goes up by one with each change of what is said of it, and of its members.
    pub version: i64,
    pub data: ContactListData,
    /// How many were put on it.
    pub member_count: i64,
    pub created_at: DateTime<Utc>,
    /// Subject of the token.
    pub created_by: String,
    pub updated_at: DateTime<Utc>,
    /// Finnish collation key of the name.
    pub sort_key: Vec<u8>,
}

/// What became of the parties that were to be put on a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Added {
    pub added: i64,
    /// They were on it already.
    pub already: i64,
    /// There are no such parties.
    pub unknown: Vec<PartyId>,
}

/// Adds a contact list. The caller has checked, in this transaction, that its saved query exists.
///
/// # Errors
/// A failure of the database.
pub fn insert(
    writer: &mut Writer<'_>,
    list_id: Uuid,
    data: &ContactListData,
    by: &str,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let ContactListData { name, description, query_id } = data;
    let mut sql = Fragment::new(
        "INSERT INTO contact_list (list_id, version, name, sort_key, description, query_id, member_count, created_at, \
         created_by, updated_at) VALUES ",
    );
    sql.list([
        Value::from(list_id),
        1_i64.into(),
        name.as_str().into(),
        sort_key(name).into(),
        description.clone().into(),
        (*query_id).into(),
        0_i64.into(),
        now.into(),
        by.into(),
        now.into(),
    ]);
    sql.execute(writer.conn)?;
    Ok(())
}

/// Writes what is said of a list, as its next version. The caller has checked, in this transaction, that its saved query exists.
///
/// # Errors
/// A failure of the database.
pub fn update(writer: &mut Writer<'_>, list_id: Uuid, data: &ContactListData, now: DateTime<Utc>) -> StoreResult<()> {
    let ContactListData { name, description, query_id } = data;
    let mut sql = Fragment::new("UPDATE contact_list SET version = version + 1, name = ");
    sql.bind(name.as_str()).sql(", sort_key = ").bind(sort_key(name));
    sql.sql(", description = ").bind(description.clone()).sql(", query_id = ").bind(*query_id);
    sql.sql(", updated_at = ").bind(now).sql(" WHERE list_id = ").bind(list_id);
    sql.execute(writer.conn)?;
    Ok(())
}

/// Deletes a list that no filter names, with its members and its links to projects.
///
/// # Errors
/// A failure of the database.
pub fn delete(writer: &mut Writer<'_>, list_id: Uuid) -> StoreResult<()> {
    for table in ["contact_list_member", "project_contact_list", "contact_list"] {
        let mut sql = Fragment::new("DELETE FROM ");
        sql.sql(table).sql(" WHERE list_id = ").bind(list_id);
        sql.execute(writer.conn)?;
    }
    Ok(())
}

/// One contact list.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, list_id: Uuid) -> StoreResult<Option<StoredContactList>> {
    let mut sql = Fragment::new(SELECT);
    sql.sql(" WHERE l.list_id = ").bind(list_id);
    Ok(sql.load::<ListRow>(reader.conn)?.pop().map(ListRow::into_stored))
}

/// A page of contact lists in Finnish order of their names, after the one with the given sort key and id.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    after: Option<(Vec<u8>, Uuid)>,
    limit: i64,
) -> StoreResult<Vec<StoredContactList>> {
    let mut sql = Fragment::new(SELECT);
    if let Some((key, id)) = after {
        sql.sql(" WHERE (l.sort_key, l.list_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    sql.sql(" ORDER BY l.sort_key, l.list_id LIMIT ").bind(limit);
    Ok(sql.load::<ListRow>(reader.conn)?.into_iter().map(ListRow::into_stored).collect())
}

/// Puts parties on a list of members; `party_ids` has each once.
///
/// # Errors
/// A failure of the database.
pub fn add_members(
    writer: &mut Writer<'_>,
    list_id: Uuid,
    party_ids: &[PartyId],
    now: DateTime<Utc>,
) -> StoreResult<Added> {
    let mut result = Added::default();
    for chunk in party_ids.chunks(TOGETHER) {
        let known = known(writer, chunk)?;
        let mut sql = Fragment::new("INSERT INTO contact_list_member (list_id, party_id, added_at) SELECT ");
        sql.bind(list_id).sql(", p.party_id, ").bind(now).sql(" FROM party p WHERE p.party_id IN ");
        sql.list(chunk.iter().copied()).sql(" ON CONFLICT (list_id, party_id) DO NOTHING");
        let added = count(sql.one_off().execute(writer.conn)?);
        result.added += added;
        result.already += count(known.len()) - added;
        result.unknown.extend(chunk.iter().filter(|id| known.binary_search(id).is_err()));
    }
    changed(writer, list_id, result.added, now)?;
    Ok(result)
}

/// Takes parties off a list of members; answers how many were on it. `party_ids` has each once.
///
/// # Errors
/// A failure of the database.
pub fn remove_members(
    writer: &mut Writer<'_>,
    list_id: Uuid,
    party_ids: &[PartyId],
    now: DateTime<Utc>,
) -> StoreResult<i64> {
    let mut removed = 0;
    for chunk in party_ids.chunks(TOGETHER) {
        let mut sql = Fragment::new("DELETE FROM contact_list_member WHERE list_id = ");
        sql.bind(list_id).sql(" AND party_id IN ").list(chunk.iter().copied());
        removed += count(sql.one_off().execute(writer.conn)?);
    }
    changed(writer, list_id, -removed, now)?;
    Ok(removed)
}

/// Those of these parties that there are, sorted.
fn known(reader: &mut Reader<'_>, party_ids: &[PartyId]) -> StoreResult<Vec<PartyId>> {
    let mut sql = Fragment::new("SELECT p.party_id AS id FROM party p WHERE p.party_id IN ");
    sql.list(party_ids.iter().copied()).sql(" ORDER BY 1");
    Ok(sql.one_off().load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id).collect())
}

fn changed(writer: &mut Writer<'_>, list_id: Uuid, by: i64, now: DateTime<Utc>) -> StoreResult<()> {
    if by != 0 {
        let mut sql = Fragment::new("UPDATE contact_list SET version = version + 1, member_count = member_count + ");
        sql.bind(by).sql(", updated_at = ").bind(now).sql(" WHERE list_id = ").bind(list_id);
        sql.execute(writer.conn)?;
    }
    Ok(())
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

const SELECT: &str = "SELECT l.list_id, l.version, l.name, l.sort_key, l.description, l.query_id, l.member_count, \
    l.created_at, l.created_by, l.updated_at FROM contact_list l";

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct ListRow {
    #[diesel(sql_type = UuidT)]
    list_id: DbId,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Binary)]
    sort_key: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    description: Option<String>,
    #[diesel(sql_type = Nullable<UuidT>)]
    query_id: Option<DbId>,
    #[diesel(sql_type = BigInt)]
    member_count: i64,
    #[diesel(sql_type = Timestamp)]
    created_at: UtcTime,
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Timestamp)]
    updated_at: UtcTime,
}

impl ListRow {
    fn into_stored(self) -> StoredContactList {
        StoredContactList {
            list_id: self.list_id.0,
            version: self.version,
            data: ContactListData {
                name: self.name,
                description: self.description,
                query_id: self.query_id.map(|id| id.0),
            },
            member_count: self.member_count,
            created_at: self.created_at.into(),
            created_by: self.created_by,
            updated_at: self.updated_at.into(),
            sort_key: self.sort_key,
        }
    }
}
