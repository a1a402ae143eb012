//! Lists of messages, newest first.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};
use domain::internetviesti::InternetviestiId;
use domain::register::PartyId;

use super::{COLUMNS, Head, HeadRow, Source, VersionHead, push_is_shown, push_source};
use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;

/// Which messages of a source to list.
#[derive(Debug, Clone)]
pub struct ListFilter {
    pub source: Source,
    /// Whose read marks to show.
    pub reader: Option<PartyId>,
    /// Only those that changed or came into view after this.
    pub changed_since: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
}

#[derive(QueryableByName)]
struct ListRow {
    #[diesel(embed)]
    head: HeadRow,
    #[diesel(sql_type = Nullable<BigInt>)]
    party_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    property_id: Option<i64>,
    #[diesel(sql_type = Bool)]
    inherited: bool,
    #[diesel(sql_type = Bool)]
    is_read: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    corrected_by: Option<i64>,
}

const NOBODY: PartyId = 0;

/// A page of what is shown now, newest first, after the one that came into view then and has this id.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &ListFilter,
    after: Option<(DateTime<Utc>, InternetviestiId)>,
    limit: i64,
) -> StoreResult<Vec<Head>> {
    let mut sql = Fragment::new("");
    push_source(&mut sql, &filter.source, filter.today, &[COLUMNS, PLACE]);
    sql.sql(" AND ");
    push_is_shown(&mut sql, filter.now);
    if let Some(since) = filter.changed_since {
        sql.sql(" AND (i.changed_at > ").bind(since).sql(" OR i.shown_at > ").bind(since).sql(")");
    }
    if let Some((time, id)) = after {
        sql.sql(" AND (s.shown_at, s.internetviesti_id) < (").bind(time).sql(", ").bind(id).sql(")");
    }
    sql.sql(" ORDER BY s.shown_at DESC, s.internetviesti_id DESC LIMIT ").bind(limit);
    let mut outer = Fragment::new(
        "SELECT l.*, EXISTS (SELECT 1 FROM internetviesti_read r WHERE r.internetviesti_id = l.internetviesti_id AND r.party_id = ",
    );
    outer.bind(filter.reader.unwrap_or(NOBODY));
    outer.sql(") AS is_read, (SELECT MAX(i.internetviesti_id) FROM internetviesti i WHERE i.corrects = l.internetviesti_id AND ");
    push_is_shown(&mut outer, filter.now);
    outer.sql(") AS corrected_by FROM (").append(sql).sql(") l ORDER BY l.shown_at DESC, l.internetviesti_id DESC");
    let rows = outer.load::<ListRow>(reader.conn)?.into_iter();
    let mut heads: Vec<Head> = rows
        .map(|row| Head {
            party_id: row.party_id,
            property_id: row.property_id,
            inherited: row.inherited,
            read: filter.reader.map(|_| row.is_read),
            corrected_by: row.corrected_by,
            ..row.head.into_head()
        })
        .collect();
    add_versions(reader, &mut heads)?;
    Ok(heads)
}

const PLACE: &str = ", s.party_id, s.property_id, s.inherited";

/// The shown messages of the chain that a message is of, oldest first; of none the message alone. With `source` only those that
/// are of it.
///
/// # Errors
/// A failure of the database.
pub fn chain(
    reader: &mut Reader<'_>,
    id: InternetviestiId,
    source: Option<&Source>,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> StoreResult<Vec<Head>> {
    let mut sql = Fragment::new("");
    match source {
        Some(source) => {
            push_source(&mut sql, source, today, &[COLUMNS, PLACE]);
            sql.sql(" AND ");
        }
        None => {
            sql.sql("SELECT ").sql(COLUMNS).sql(", CAST(NULL AS BIGINT) AS party_id, CAST(NULL AS BIGINT) AS property_id, FALSE AS inherited FROM internetviesti i WHERE ");
        }
    }
    push_is_shown(&mut sql, now);
    sql.sql(" AND (i.internetviesti_id = ").bind(id);
    sql.sql(" OR i.chain_id = (SELECT c.chain_id FROM internetviesti c WHERE c.internetviesti_id = ").bind(id);
    sql.sql(")) ORDER BY i.internetviesti_id LIMIT 200");
    let mut outer = Fragment::new("SELECT l.*, FALSE AS is_read, CAST(NULL AS BIGINT) AS corrected_by FROM (");
    outer.append(sql).sql(") l ORDER BY l.internetviesti_id");
    let rows = outer.load::<ListRow>(reader.conn)?.into_iter();
    let mut heads: Vec<Head> = rows
        .map(|row| Head {
            party_id: row.party_id,
            property_id: row.property_id,
            inherited: row.inherited,
            ..row.head.into_head()
        })
        .collect();
    add_versions(reader, &mut heads)?;
    Ok(heads)
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The ids of those messages of the source that went out of view after `since`: withdrawn, expired, or put off.
///
/// # Errors
/// A failure of the database.
pub fn withdrawn_since(
    reader: &mut Reader<'_>,
    filter: &ListFilter,
    since: DateTime<Utc>,
) -> StoreResult<Vec<InternetviestiId>> {
    let mut sql = Fragment::new("");
    push_source(&mut sql, &filter.source, filter.today, &["i.internetviesti_id AS id"]);
    sql.sql(" AND i.published_at IS NOT NULL AND NOT (");
    push_is_shown(&mut sql, filter.now);
    sql.sql(") AND (i.changed_at > ").bind(since);
    sql.sql(" OR (i.valid_to > ").bind(since).sql(" AND i.valid_to <= ").bind(filter.now).sql(")) ORDER BY 1");
    Ok(sql.load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = BigInt)]
    internetviesti_id: i64,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = BigInt)]
    attachments: i64,
}

/// What a message says in one language, as text.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct VersionText {
    #[diesel(sql_type = BigInt)]
    pub internetviesti_id: InternetviestiId,
    #[diesel(sql_type = Text)]
    pub language: String,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub text: String,
}

/// What these messages say, whatever their state, by message and in the order of the versions.
///
/// # Errors
/// A failure of the database.
pub fn texts(reader: &mut Reader<'_>, ids: &[InternetviestiId]) -> StoreResult<Vec<VersionText>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Fragment::new(
        "SELECT internetviesti_id, language, title, text FROM internetviesti_version WHERE internetviesti_id IN ",
    );
    sql.list(ids.iter().copied()).sql(" ORDER BY internetviesti_id, position");
    Ok(sql.one_off().load(reader.conn)?)
}

fn add_versions(reader: &mut Reader<'_>, heads: &mut [Head]) -> StoreResult<()> {
    let Some(last) = heads.last().map(|head| head.internetviesti_id) else { return Ok(()) };
    let mut sql = Fragment::new(
        "SELECT internetviesti_id, language, title, attachments FROM internetviesti_version WHERE internetviesti_id IN ",
    );
    // Lists of few lengths, so that each statement is prepared once.
    let padding = heads.len().next_power_of_two() - heads.len();
    sql.list(heads.iter().map(|head| head.internetviesti_id).chain(std::iter::repeat_n(last, padding)));
    sql.sql(" ORDER BY internetviesti_id, position");
    let mut versions: HashMap<InternetviestiId, Vec<VersionHead>> = HashMap::new();
    for VersionRow { internetviesti_id, language, title, attachments } in sql.load(reader.conn)? {
        versions.entry(internetviesti_id).or_default().push(VersionHead { language, title, attachments });
    }
    for head in heads {
        head.versions = versions.remove(&head.internetviesti_id).unwrap_or_default();
    }
    Ok(())
}
