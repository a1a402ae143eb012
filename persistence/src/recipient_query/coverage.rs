//! Which units below some properties have nobody in an audience, and who was left out there.

use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};
use domain::eligibility::PartyFacts;
use domain::register::PropertyId;
use uuid::Uuid;

use super::assignments::push_valid_on;
use super::search::{RecipientSearch, push_facts};
use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;

/// Who gets a message.
#[derive(Debug, Clone)]
pub enum Audience {
    /// Those who match and have one of these facts; whoever else matches is meant, and not reached.
    Found(Vec<PartyFacts>),
    /// The rows of a mailing that was sent; those left out were meant.
    Frozen(Uuid),
}

/// Where, and in which audience.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// The units are among these properties and all below them.
    pub properties: Vec<PropertyId>,
    /// Properties of these kinds are units.
    pub unit_kinds: Vec<String>,
    /// Who is meant, and the day on which roles are looked at.
    pub search: RecipientSearch,
    pub audience: Audience,
}

/// How many units there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnitCounts {
    pub units: i64,
    /// Somebody who has a role there today, or below it, is in the audience.
    pub covered: i64,
    /// Nobody has a role there today.
    pub vacant: i64,
}

/// A unit with nobody in the audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncoveredUnit {
    pub property_id: PropertyId,
    pub kind: String,
    pub code: Option<String>,
    pub name: String,
    /// Finnish collation key of the name.
    pub sort_key: Vec<u8>,
}

/// How many with a role were left out, in a unit or in all together. Archived and deceased parties do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Of which unit; 0 for all together.
    pub unit_id: PropertyId,
    pub role: String,
    pub people: i64,
    /// Those of them who are meant, and cannot be reached.
    pub unreached: i64,
}

/// How many units there are, and how many are covered.
///
/// # Errors
/// A failure of the database.
pub fn unit_counts(reader: &mut Reader<'_>, coverage: &Coverage) -> StoreResult<UnitCounts> {
    let mut sql = coverage.tables(None);
    sql.sql(
        " SELECT (SELECT COUNT(*) FROM unit) AS units, (SELECT COUNT(*) FROM covered) AS covered, \
         (SELECT COUNT(*) FROM unit WHERE unit_id NOT IN (SELECT unit_id FROM held)) AS vacant",
    );
    let counted: Vec<CountsRow> = sql.one_off().load(reader.conn)?;
    Ok(counted.into_iter().next().map_or_else(UnitCounts::default, |CountsRow { units, covered, vacant }| UnitCounts {
        units,
        covered,
        vacant,
    }))
}

/// A page of the units with nobody in the audience, by name and id.
///
/// # Errors
/// A failure of the database.
pub fn uncovered(
    reader: &mut Reader<'_>,
    coverage: &Coverage,
    after: Option<(Vec<u8>, PropertyId)>,
    limit: i64,
) -> StoreResult<Vec<UncoveredUnit>> {
    let mut sql = coverage.tables(None);
    sql.sql(
        " SELECT q.property_id, q.kind, q.code, q.name, q.sort_key FROM unit u \
         JOIN property q ON q.property_id = u.unit_id WHERE u.unit_id NOT IN (SELECT unit_id FROM covered)",
    );
    if let Some((key, id)) = after {
        sql.sql(" AND (q.sort_key, q.property_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    sql.sql(" ORDER BY q.sort_key, q.property_id LIMIT ").bind(limit);
    let rows: Vec<UnitRow> = sql.one_off().load(reader.conn)?;
    let unit =
        |UnitRow { property_id, kind, code, name, sort_key }| UncoveredUnit { property_id, kind, code, name, sort_key };
    Ok(rows.into_iter().map(unit).collect())
}

/// Who was left out in units with nobody in the audience, by role: in each of `units`, or in all together.
///
/// # Errors
/// A failure of the database.
pub fn left_out(
    reader: &mut Reader<'_>,
    coverage: &Coverage,
    units: Option<&[PropertyId]>,
) -> StoreResult<Vec<LeftOut>> {
    let mut sql = coverage.tables(units);
    sql.sql(if units.is_some() { " SELECT h.unit_id" } else { " SELECT CAST(0 AS BIGINT) AS unit_id" });
    sql.sql(
        ", h.role, COUNT(DISTINCT h.party_id) AS people, COUNT(DISTINCT a.party_id) AS unreached FROM held h \
         LEFT JOIN audience a ON a.party_id = h.party_id WHERE h.unit_id NOT IN (SELECT unit_id FROM covered) \
         GROUP BY 1, 2 ORDER BY 1, 2",
    );
    let rows: Vec<LeftOutRow> = sql.one_off().load(reader.conn)?;
    let left_out = |LeftOutRow { unit_id, role, people, unreached }| LeftOut { unit_id, role, people, unreached };
    Ok(rows.into_iter().map(left_out).collect())
}

impl Coverage {
    /// `unit`: the units, or these; `held`: who has which role there today; `audience`: who of them is meant, and whether
    /// reached; `covered`: the units of those who are.
    fn tables(&self, units: Option<&[PropertyId]>) -> Fragment {
        let mut sql = Fragment::new("WITH RECURSIVE ");
        match units {
            Some(units) => {
                sql.sql("unit (unit_id) AS (SELECT q.property_id FROM property q WHERE q.property_id IN ");
                sql.list(units.iter().copied()).sql(")");
            }
            None => {
                sql.sql("chosen (property_id) AS (SELECT q.property_id FROM property q WHERE q.property_id IN ");
                sql.list(self.properties.iter().copied()).sql(
                    " UNION SELECT q.property_id FROM property q JOIN chosen c ON q.parent_id = c.property_id), \
                     unit (unit_id) AS (SELECT q.property_id FROM chosen c \
                     JOIN property q ON q.property_id = c.property_id WHERE q.kind IN ",
                );
                sql.list(self.unit_kinds.iter().map(String::as_str)).sql(")");
            }
        }
        sql.sql(
            ", place (unit_id, property_id) AS (SELECT unit_id, unit_id FROM unit UNION \
             SELECT l.unit_id, q.property_id FROM place l JOIN property q ON q.parent_id = l.property_id), \
             held (unit_id, role, party_id) AS (SELECT DISTINCT l.unit_id, r.role, r.party_id FROM place l \
             JOIN role r ON r.property_id = l.property_id JOIN party p ON p.party_id = r.party_id \
             WHERE NOT p.archived AND NOT p.deceased AND ",
        );
        push_valid_on(&mut sql, self.search.today);
        sql.sql("), audience (party_id, reached) AS (");
        match &self.audience {
            Audience::Found(facts) => {
                sql.sql("SELECT p.party_id, CASE WHEN TRUE");
                push_facts(&mut sql, facts);
                sql.sql(" THEN 1 ELSE 0 END FROM party p WHERE p.party_id IN (SELECT party_id FROM held) AND ");
                self.search.push_matching(&mut sql);
            }
            Audience::Frozen(mailing_id) => {
                sql.sql(
                    "SELECT w.party_id, MAX(CASE WHEN w.reason IS NULL THEN 1 ELSE 0 END) FROM mailing_row w \
                     WHERE w.party_id IS NOT NULL AND w.mailing_id = ",
                );
                sql.bind(*mailing_id).sql(" GROUP BY w.party_id");
            }
        }
        sql.sql(
            "), covered (unit_id) AS (SELECT DISTINCT h.unit_id FROM held h \
             WHERE h.party_id IN (SELECT party_id FROM audience WHERE reached = 1))",
        );
        sql
    }
}

#[derive(QueryableByName)]
struct CountsRow {
    #[diesel(sql_type = BigInt)]
    units: i64,
    #[diesel(sql_type = BigInt)]
    covered: i64,
    #[diesel(sql_type = BigInt)]
    vacant: i64,
}

#[derive(QueryableByName)]
struct UnitRow {
    #[diesel(sql_type = BigInt)]
    property_id: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Binary)]
    sort_key: Vec<u8>,
}

#[derive(QueryableByName)]
struct LeftOutRow {
    #[diesel(sql_type = BigInt)]
    unit_id: i64,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = BigInt)]
    people: i64,
    #[diesel(sql_type = BigInt)]
    unreached: i64,
}
