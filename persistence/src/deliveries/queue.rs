//! The delivery queue: due deliveries are claimed by lease, so that any number of dispatchers share the work.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use domain::eligibility::Channel;
use domain::register::PartyId;
use uuid::Uuid;

use super::lease;
use crate::connection::AnyConnection;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fragment::Fragment;
use crate::types::{DbId, UuidT};

/// A claimed delivery with what it takes to render and send it.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub delivery_id: Uuid,
    pub mailing_id: Uuid,
    pub party_id: PartyId,
    pub channel: Channel,
    pub address: Option<String>,
    pub version_no: Option<i64>,
    pub merge_values: String,
    /// Attempts that counted so far.
    pub attempts: i64,
    /// Whether the party has been archived since the rows were frozen.
    pub archived: bool,
    /// Whether the party has died since the rows were frozen.
    pub deceased: bool,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = UuidT)]
    delivery_id: DbId,
}

/// Claims up to `limit` due deliveries for `owner`, whose lease is renewed until `until`.
///
/// # Errors
/// A failure of the database.
pub fn claim(
    writer: &mut Writer<'_>,
    owner: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> StoreResult<Vec<Uuid>> {
    if let AnyConnection::Postgresql(conn) = &mut *writer.conn {
        // Of a table that was filled a moment ago PostgreSQL thinks that it is small, and would read and sort all of it.
        conn.batch_execute("SET LOCAL enable_sort = off")?;
    }
    lease::renew(writer, owner, until)?;
    let mut sql = Fragment::new("UPDATE delivery SET lease_owner = ");
    sql.bind(owner);
    sql.sql(" WHERE delivery_id IN (SELECT d.delivery_id FROM delivery d WHERE d.state IN ('queued', 'deferred')");
    sql.sql(" AND d.due_at <= ").bind(now).sql(" AND (d.lease_owner IS NULL OR d.lease_owner NOT IN ");
    sql.append(lease::held(now))
        .sql(") AND (d.mailing_id IN (SELECT m.mailing_id FROM mailing m WHERE m.status = 'sending')");
    // Only a test: the queue is read in its order, not all of a mailing to be sorted for each claim.
    sql.sql(" IS TRUE) ORDER BY d.due_at, d.delivery_id LIMIT ").bind(limit);
    sql.postgres(" FOR UPDATE SKIP LOCKED");
    sql.sql(") RETURNING delivery_id");
    Ok(sql.one_off().load::<IdRow>(writer.conn)?.into_iter().map(|row| row.delivery_id.0).collect())
}

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = UuidT)]
    delivery_id: DbId,
    #[diesel(sql_type = UuidT)]
    mailing_id: DbId,
    #[diesel(sql_type = BigInt)]
    party_id: i64,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    version_no: Option<i64>,
    #[diesel(sql_type = Text)]
    merge_values: String,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = Bool)]
    archived: bool,
    #[diesel(sql_type = Bool)]
    deceased: bool,
}

/// What these deliveries send.
///
/// # Errors
/// A failure of the database.
pub fn load(reader: &mut Reader<'_>, ids: &[Uuid]) -> StoreResult<Vec<Claimed>> {
    let mut sql = Fragment::new(
        "SELECT d.delivery_id, d.mailing_id, r.party_id, r.channel, r.address, r.version_no, r.merge_values, d.attempts, \
         p.archived, p.deceased FROM delivery d \
         JOIN mailing_row r ON r.mailing_id = d.mailing_id AND r.row_no = d.row_no \
         JOIN party p ON p.party_id = r.party_id WHERE d.delivery_id IN ",
    );
    sql.list(ids.iter().copied()).sql(" ORDER BY d.delivery_id");
    let rows: Vec<ClaimedRow> = sql.one_off().load(reader.conn)?;
    rows.into_iter()
        .map(|row| {
            let broken = || StoreError::Inconsistent(format!("mailing_row.channel: {}", row.channel));
            Ok(Claimed {
                delivery_id: row.delivery_id.0,
                mailing_id: row.mailing_id.0,
                party_id: row.party_id,
                channel: Channel::parse(&row.channel).ok_or_else(broken)?,
                address: row.address,
                version_no: row.version_no,
                merge_values: row.merge_values,
                attempts: row.attempts,
                archived: row.archived,
                deceased: row.deceased,
            })
        })
        .collect()
}

/// Gives back one delivery that `owner` has claimed and will not send.
///
/// # Errors
/// A failure of the database.
pub fn release_one(writer: &mut Writer<'_>, owner: Uuid, delivery_id: Uuid) -> StoreResult<usize> {
    let mut sql = Fragment::new("UPDATE delivery SET lease_owner = NULL WHERE delivery_id = ");
    sql.bind(delivery_id).sql(" AND lease_owner = ").bind(owner).sql(" AND state IN ('queued', 'deferred')");
    Ok(sql.execute(writer.conn)?)
}

/// Gives back one delivery that `owner` has claimed and cannot send before `until`, for the reason in `detail`.
///
/// # Errors
/// A failure of the database.
pub fn put_off(
    writer: &mut Writer<'_>,
    owner: Uuid,
    delivery_id: Uuid,
    until: DateTime<Utc>,
    detail: &str,
) -> StoreResult<usize> {
    let mut sql = Fragment::new("UPDATE delivery SET lease_owner = NULL, due_at = ");
    sql.bind(until).sql(", last_code = NULL, last_detail = ").bind(detail).sql(" WHERE delivery_id = ");
    sql.bind(delivery_id).sql(" AND lease_owner = ").bind(owner).sql(" AND state IN ('queued', 'deferred')");
    Ok(sql.execute(writer.conn)?)
}

/// Gives back what `owner` has claimed and not begun to send.
///
/// # Errors
/// A failure of the database.
pub fn release(writer: &mut Writer<'_>, owner: Uuid) -> StoreResult<usize> {
    let mut sql = Fragment::new("UPDATE delivery SET lease_owner = NULL WHERE lease_owner = ");
    sql.bind(owner).sql(" AND state IN ('queued', 'deferred')");
    Ok(sql.execute(writer.conn)?)
}
