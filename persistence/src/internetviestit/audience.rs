//! The audience of a message today, and who of it has read it.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamp};
use diesel::{QueryableByName, RunQueryDsl};
use domain::internetviesti::InternetviestiId;
use domain::register::{PartyId, PropertyId};

use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;
use crate::recipient_query::push_valid_on;
use crate::types::UtcTime;

/// How many are meant by a message, and how many of them have read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Audience {
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    #[diesel(sql_type = BigInt)]
    pub readers: i64,
    /// How many of them are protected and meant by where they live: without the permission they are only counted.
    #[diesel(sql_type = BigInt)]
    pub protected: i64,
}

/// One of the audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub party_id: PartyId,
    pub name: String,
    pub sort_key: Vec<u8>,
    pub address_protected: bool,
    /// The property through which the party is meant, if it is not addressed itself.
    pub property_id: Option<PropertyId>,
    pub read_at: Option<DateTime<Utc>>,
}

/// One property of the audience.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct UnitReading {
    #[diesel(sql_type = BigInt)]
    pub property_id: PropertyId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Binary)]
    pub sort_key: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    #[diesel(sql_type = BigInt)]
    pub readers: i64,
}

#[derive(QueryableByName)]
struct ReadingRow {
    #[diesel(sql_type = BigInt)]
    party_id: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Binary)]
    sort_key: Vec<u8>,
    #[diesel(sql_type = Bool)]
    address_protected: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    property_id: Option<i64>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    read_at: Option<UtcTime>,
}

/// Appends `WITH …` of `people (party_id, property_id)`: whom the message is addressed to, and who has one of its roles today at its
/// properties or, where it reaches down, below them. Archived and deceased parties are none of them.
fn push_people(sql: &mut Fragment, id: InternetviestiId, today: NaiveDate) {
    sql.sql("WITH RECURSIVE down (property_id) AS (SELECT t.property_id FROM internetviesti_property t WHERE t.internetviesti_id = ");
    sql.bind(id).sql(
        " UNION SELECT q.property_id FROM property q JOIN down d ON q.parent_id = d.property_id \
         WHERE EXISTS (SELECT 1 FROM internetviesti b WHERE b.reaches_down AND b.internetviesti_id = ",
    );
    sql.bind(id).sql(")), meant (party_id, property_id) AS (SELECT t.party_id, CAST(NULL AS BIGINT) FROM internetviesti_party t WHERE t.internetviesti_id = ");
    sql.bind(id)
        .sql(" UNION SELECT r.party_id, r.property_id FROM down d JOIN role r ON r.property_id = d.property_id WHERE ");
    push_valid_on(sql, today);
    sql.sql(" AND (NOT EXISTS (SELECT 1 FROM internetviesti_role z WHERE z.internetviesti_id = ").bind(id);
    sql.sql(") OR r.role IN (SELECT z.role FROM internetviesti_role z WHERE z.internetviesti_id = ").bind(id);
    sql.sql("))), people (party_id, property_id, name, sort_key, address_protected, read_at) AS (SELECT m.party_id, m.property_id, p.name, p.sort_key, \
         p.address_protected, (SELECT r.read_at FROM internetviesti_read r WHERE r.party_id = m.party_id AND r.internetviesti_id = ");
    sql.bind(id)
        .sql(") FROM meant m JOIN party p ON p.party_id = m.party_id WHERE NOT p.archived AND NOT p.deceased) ");
}

/// A protected party is told of only by those who may see where it lives; one that is addressed itself is told of.
const OPEN: &str = "(NOT h.address_protected OR h.property_id IS NULL)";

/// How many there are.
///
/// # Errors
/// A failure of the database.
pub fn audience(reader: &mut Reader<'_>, id: InternetviestiId, today: NaiveDate) -> StoreResult<Audience> {
    let mut sql = Fragment::new("");
    push_people(&mut sql, id, today);
    sql.sql(
        "SELECT COUNT(*) AS people, COUNT(g.read_at) AS readers, COUNT(CASE WHEN g.hidden = 1 THEN 1 END) AS protected FROM \
         (SELECT h.party_id, MAX(h.read_at) AS read_at, MIN(CASE WHEN ",
    );
    sql.sql(OPEN).sql(" THEN 0 ELSE 1 END) AS hidden FROM people h GROUP BY h.party_id) g");
    Ok(sql.get_result(reader.conn)?)
}

/// A page of the audience in Finnish order of names, after the one with the given sort key and id; `read` chooses.
///
/// # Errors
/// A failure of the database.
pub fn readers(
    reader: &mut Reader<'_>,
    id: InternetviestiId,
    today: NaiveDate,
    see_protected: bool,
    read: Option<bool>,
    after: Option<(Vec<u8>, PartyId)>,
    limit: i64,
) -> StoreResult<Vec<Reading>> {
    let mut sql = Fragment::new("");
    push_people(&mut sql, id, today);
    sql.sql(
        "SELECT h.party_id, h.name, h.sort_key, h.address_protected, \
         CASE WHEN COUNT(*) = COUNT(h.property_id) THEN MIN(h.property_id) END AS property_id, h.read_at FROM people h WHERE ",
    );
    sql.sql(if see_protected { "TRUE" } else { OPEN });
    match read {
        Some(true) => sql.sql(" AND h.read_at IS NOT NULL"),
        Some(false) => sql.sql(" AND h.read_at IS NULL"),
        None => &mut sql,
    };
    if let Some((key, id)) = after {
        sql.sql(" AND (h.sort_key, h.party_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    sql.sql(" GROUP BY h.party_id, h.name, h.sort_key, h.address_protected, h.read_at ORDER BY h.sort_key, h.party_id LIMIT ");
    sql.bind(limit);
    let rows = sql.load::<ReadingRow>(reader.conn)?.into_iter();
    let reading = |ReadingRow { party_id, name, sort_key, address_protected, property_id, read_at }| {
        let read_at = read_at.map(Into::into);
        Reading { party_id, name, sort_key, address_protected, property_id, read_at }
    };
    Ok(rows.map(reading).collect())
}

/// A page of the properties through which the audience is meant, in Finnish order of names, after the one with the given sort
/// key and id.
///
/// # Errors
/// A failure of the database.
pub fn units(
    reader: &mut Reader<'_>,
    id: InternetviestiId,
    today: NaiveDate,
    see_protected: bool,
    after: Option<(Vec<u8>, PropertyId)>,
    limit: i64,
) -> StoreResult<Vec<UnitReading>> {
    let mut sql = Fragment::new("");
    push_people(&mut sql, id, today);
    sql.sql(
        "SELECT q.property_id, q.name, q.sort_key, COUNT(DISTINCT h.party_id) AS people, \
         COUNT(DISTINCT CASE WHEN h.read_at IS NOT NULL THEN h.party_id END) AS readers \
         FROM people h JOIN property q ON q.property_id = h.property_id WHERE ",
    );
    sql.sql(if see_protected { "TRUE" } else { OPEN });
    if let Some((key, id)) = after {
        sql.sql(" AND (q.sort_key, q.property_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    sql.sql(" GROUP BY q.property_id, q.name, q.sort_key ORDER BY q.sort_key, q.property_id LIMIT ").bind(limit);
    Ok(sql.load(reader.conn)?)
}
