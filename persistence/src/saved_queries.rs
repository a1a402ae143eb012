//! Saved recipient queries: named filters, every version of each, and how many matched when each was run last.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::recipient_query::{Known, ListSource, MAX_NODES, RecipientFilter, Saved, SavedId};
use domain::text::sort_key;
use uuid::Uuid;

use crate::attributes;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::filter_uses;
use crate::fragment::{Fragment, Value};
use crate::types::{DbId, UtcTime, UuidT};

/// A saved query as it is now.
#[derive(Debug, Clone)]
pub struct SavedQuery {
    pub query_id: Uuid,
    /// From 1; goes up by one with each change.
    pub version: i64,
    pub name: String,
    /// As it was written.
    pub filter: RecipientFilter,
    pub created_at: DateTime<Utc>,
    /// Subject of the token.
    pub created_by: String,
    /// Finnish collation key of the name.
    pub sort_key: Vec<u8>,
    /// When it was run last by one who sees as much as the caller, and what was counted (JSON).
    pub counted: Option<(DateTime<Utc>, String)>,
}

/// One version of a saved query.
#[derive(Debug, Clone)]
pub struct QueryVersion {
    pub version: i64,
    pub name: String,
    pub filter: RecipientFilter,
    pub changed_at: DateTime<Utc>,
    /// Subject of the token.
    pub changed_by: String,
}

/// Adds a saved query, whose filter the caller has checked in this transaction.
///
/// # Errors
/// A failure of the database.
pub fn insert(
    writer: &mut Writer<'_>,
    (query_id, name, filter): (Uuid, &str, &RecipientFilter),
    by: &str,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let mut sql = Fragment::new(
        "INSERT INTO recipient_query (query_id, version, name, sort_key, filter, created_at, created_by) VALUES ",
    );
    let json = filter_json(filter)?;
    sql.list([
        Value::from(query_id),
        1_i64.into(),
        name.into(),
        sort_key(name).into(),
        json.into(),
        now.into(),
        by.into(),
    ]);
    sql.execute(writer.conn)?;
    written(writer, (query_id, 1, name, filter), by, now)
}

/// Writes the next version, whose filter the caller has checked in this transaction.
///
/// # Errors
/// A failure of the database.
pub fn update(
    writer: &mut Writer<'_>,
    (query_id, version, name, filter): (Uuid, i64, &str, &RecipientFilter),
    by: &str,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let mut sql = Fragment::new("UPDATE recipient_query SET version = ");
    sql.bind(version).sql(", name = ").bind(name).sql(", sort_key = ").bind(sort_key(name));
    sql.sql(", filter = ").bind(filter_json(filter)?).sql(" WHERE query_id = ").bind(query_id);
    sql.execute(writer.conn)?;
    written(writer, (query_id, version, name, filter), by, now)
}

fn written(
    writer: &mut Writer<'_>,
    (query_id, version, name, filter): (Uuid, i64, &str, &RecipientFilter),
    by: &str,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let mut sql = Fragment::new(
        "INSERT INTO recipient_query_version (query_id, version, name, filter, changed_at, changed_by) VALUES ",
    );
    let json = filter_json(filter)?;
    sql.list([Value::from(query_id), version.into(), name.into(), json.into(), now.into(), by.into()]);
    sql.execute(writer.conn)?;
    filter_uses::set(writer, query_id, [filter])
}

/// Deletes a saved query that nothing names, with its versions.
///
/// # Errors
/// A failure of the database.
pub fn delete(writer: &mut Writer<'_>, query_id: Uuid) -> StoreResult<()> {
    filter_uses::set(writer, query_id, [])?;
    for table in ["recipient_query_count", "recipient_query_version", "recipient_query"] {
        let mut sql = Fragment::new("DELETE FROM ");
        sql.sql(table).sql(" WHERE query_id = ").bind(query_id);
        sql.execute(writer.conn)?;
    }
    Ok(())
}

/// One saved query, with the counts of those who see as much.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, query_id: Uuid, see_protected: bool) -> StoreResult<Option<SavedQuery>> {
    let mut sql = select(see_protected);
    sql.sql(" WHERE q.query_id = ").bind(query_id);
    sql.load::<QueryRow>(reader.conn)?.pop().map(QueryRow::into_saved).transpose()
}

/// A page of saved queries in Finnish order of their names, after the one with the given sort key and id.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    see_protected: bool,
    after: Option<(Vec<u8>, Uuid)>,
    limit: i64,
) -> StoreResult<Vec<SavedQuery>> {
    let mut sql = select(see_protected);
    if let Some((key, id)) = after {
        sql.sql(" WHERE (q.sort_key, q.query_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    sql.sql(" ORDER BY q.sort_key, q.query_id LIMIT ").bind(limit);
    sql.load::<QueryRow>(reader.conn)?.into_iter().map(QueryRow::into_saved).collect()
}

/// A page of the versions of a saved query, newest first, older than the given one.
///
/// # Errors
/// A failure of the database.
pub fn versions(
    reader: &mut Reader<'_>,
    query_id: Uuid,
    before: Option<i64>,
    limit: i64,
) -> StoreResult<Vec<QueryVersion>> {
    let mut sql = Fragment::new(
        "SELECT version, name, filter, changed_at, changed_by FROM recipient_query_version WHERE query_id = ",
    );
    sql.bind(query_id);
    if let Some(before) = before {
        sql.sql(" AND version < ").bind(before);
    }
    sql.sql(" ORDER BY version DESC LIMIT ").bind(limit);
    sql.load::<VersionRow>(reader.conn)?.into_iter().map(VersionRow::into_version).collect()
}

/// One version of a saved query.
///
/// # Errors
/// A failure of the database.
pub fn version(reader: &mut Reader<'_>, query_id: Uuid, version: i64) -> StoreResult<Option<QueryVersion>> {
    let newest_of = version.checked_add(1);
    let found = versions(reader, query_id, newest_of, 1)?.pop();
    Ok(found.filter(|found| found.version == version))
}

/// Keeps what was counted when the query was run.
///
/// # Errors
/// A failure of the database.
pub fn save_counts(
    writer: &mut Writer<'_>,
    query_id: Uuid,
    see_protected: bool,
    counts: String,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let mut sql =
        Fragment::new("INSERT INTO recipient_query_count (query_id, see_protected, counted_at, counts) VALUES ");
    sql.list([Value::from(query_id), see_protected.into(), now.into(), counts.into()]);
    sql.sql(" ON CONFLICT (query_id, see_protected) DO UPDATE SET counted_at = excluded.counted_at, counts = excluded.counts");
    sql.execute(writer.conn)?;
    Ok(())
}

/// What these filters are checked against on a day.
///
/// # Errors
/// A failure of the database.
pub fn known<'a>(
    reader: &mut Reader<'_>,
    today: NaiveDate,
    filters: impl IntoIterator<Item = &'a RecipientFilter>,
) -> StoreResult<Known> {
    let saved = saved(reader, filters)?;
    Ok(Known { saved, ..attributes::known(reader, today)? })
}

/// What these filters name, and what that names in turn. One look-up a level, whatever the number.
///
/// # Errors
/// A failure of the database.
pub fn saved<'a>(
    reader: &mut Reader<'_>,
    filters: impl IntoIterator<Item = &'a RecipientFilter>,
) -> StoreResult<Saved> {
    let ids = filters.into_iter().flat_map(RecipientFilter::saved_ids).collect();
    let mut saved = Saved::default();
    complete(reader, &mut saved, ids)?;
    Ok(saved)
}

/// Adds what is named by `ids` and is not there yet.
///
/// # Errors
/// A failure of the database.
pub fn complete(reader: &mut Reader<'_>, saved: &mut Saved, mut ids: HashSet<SavedId>) -> StoreResult<()> {
    // What was asked for and does not exist, is not asked for again.
    let mut asked: HashSet<SavedId> = HashSet::new();
    loop {
        let missing: Vec<SavedId> = saved.missing(&ids).into_iter().filter(|id| !asked.contains(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        if asked.len() + missing.len() > MAX_NODES {
            saved.incomplete = true;
            return Ok(());
        }
        asked.extend(&missing);
        ids = HashSet::new();
        for (query_id, filter) in filters(reader, &missing)? {
            ids.extend(filter.saved_ids());
            saved.queries.insert(query_id, filter);
        }
        for (list_id, source) in sources(reader, &missing)? {
            if let ListSource::Query(query_id) = source {
                ids.insert(SavedId::Query(query_id));
            }
            saved.lists.insert(list_id, source);
        }
    }
}

fn filters(reader: &mut Reader<'_>, ids: &[SavedId]) -> StoreResult<Vec<(Uuid, RecipientFilter)>> {
    let mut sql = Fragment::new("SELECT query_id, filter FROM recipient_query WHERE query_id IN ");
    sql.list(ids.iter().filter_map(|id| match id {
        SavedId::Query(id) => Some(*id),
        SavedId::List(_) => None,
    }));
    let rows: Vec<FilterRow> = sql.one_off().load(reader.conn)?;
    rows.into_iter().map(|row| Ok((row.query_id.0, read_filter(&row.filter)?))).collect()
}

fn sources(reader: &mut Reader<'_>, ids: &[SavedId]) -> StoreResult<Vec<(Uuid, ListSource)>> {
    let mut sql = Fragment::new("SELECT list_id, query_id FROM contact_list WHERE list_id IN ");
    sql.list(ids.iter().filter_map(|id| match id {
        SavedId::List(id) => Some(*id),
        SavedId::Query(_) => None,
    }));
    let rows: Vec<SourceRow> = sql.one_off().load(reader.conn)?;
    let source = |query_id: Option<DbId>| query_id.map_or(ListSource::Members, |id| ListSource::Query(id.0));
    Ok(rows.into_iter().map(|row| (row.list_id.0, source(row.query_id))).collect())
}

fn filter_json(filter: &RecipientFilter) -> StoreResult<String> {
    serde_json::to_string(filter).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

fn read_filter(json: &str) -> StoreResult<RecipientFilter> {
    serde_json::from_str(json).map_err(|error| StoreError::Inconsistent(format!("recipient_query.filter: {error}")))
}

fn select(see_protected: bool) -> Fragment {
    let mut sql = Fragment::new(
        "SELECT q.query_id, q.version, q.name, q.sort_key, q.filter, q.created_at, q.created_by, c.counted_at, c.counts \
         FROM recipient_query q LEFT JOIN recipient_query_count c ON c.query_id = q.query_id AND c.see_protected = ",
    );
    sql.bind(see_protected);
    sql
}

#[derive(QueryableByName)]
struct FilterRow {
    #[diesel(sql_type = UuidT)]
    query_id: DbId,
    #[diesel(sql_type = Text)]
    filter: String,
}

#[derive(QueryableByName)]
struct SourceRow {
    #[diesel(sql_type = UuidT)]
    list_id: DbId,
    #[diesel(sql_type = Nullable<UuidT>)]
    query_id: Option<DbId>,
}

#[derive(QueryableByName)]
struct QueryRow {
    #[diesel(sql_type = UuidT)]
    query_id: DbId,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Binary)]
    sort_key: Vec<u8>,
    #[diesel(sql_type = Text)]
    filter: String,
    #[diesel(sql_type = Timestamp)]
    created_at: UtcTime,
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Nullable<Timestamp>)]
    counted_at: Option<UtcTime>,
    #[diesel(sql_type = Nullable<Text>)]
    counts: Option<String>,
}

impl QueryRow {
    fn into_saved(self) -> StoreResult<SavedQuery> {
        Ok(SavedQuery {
            query_id: self.query_id.0,
            version: self.version,
            name: self.name,
            filter: read_filter(&self.filter)?,
            created_at: self.created_at.into(),
            created_by: self.created_by,
            sort_key: self.sort_key,
            counted: self.counted_at.map(Into::into).zip(self.counts),
        })
    }
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    filter: String,
    #[diesel(sql_type = Timestamp)]
    changed_at: UtcTime,
    #[diesel(sql_type = Text)]
    changed_by: String,
}

impl VersionRow {
    fn into_version(self) -> StoreResult<QueryVersion> {
        Ok(QueryVersion {
            version: self.version,
            name: self.name,
            filter: read_filter(&self.filter)?,
            changed_at: self.changed_at.into(),
            changed_by: self.changed_by,
        })
    }
}
