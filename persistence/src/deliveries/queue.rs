//! The delivery queue: due deliveries are claimed under a lease, so that any number of dispatchers share the work.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamp};
use uuid::Uuid;

use super::sending::being_sent;
use super::{by_index, lease};
use crate::connection::AnyConnection;
use crate::door::Writer;
use crate::error::StoreResult;
use crate::fragment::Fragment;
use crate::types::{DbId, UtcTime, UuidT};

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = UuidT)]
    delivery_id: DbId,
    #[diesel(sql_type = Nullable<UuidT>)]
    message_id: Option<DbId>,
    #[diesel(sql_type = Timestamp)]
    due_at: UtcTime,
}

/// How many deliveries that go out together with others are claimed with them.
const TOGETHER: i64 = 1_000;

/// Where a delivery stands in the queue: by when it is due, then by its id.
pub type Place = (DateTime<Utc>, Uuid);

/// What a dispatcher wants to claim.
#[derive(Debug, Clone)]
pub struct Claim {
    pub owner: Uuid,
    pub now: DateTime<Utc>,
    /// Until when the lease of the owner is renewed.
    pub until: DateTime<Utc>,
    /// What the owner claimed before and has not begun to send: of all else that it has claimed it lets go.
    pub held: Vec<Uuid>,
    /// Behind which place of the queue: what stands before it need not be passed again and again.
    pub after: Option<Place>,
    /// How many at the most, besides those that are of the same messages.
    pub limit: i64,
}

/// Claims due deliveries, and with them those of the same messages that are due; answers them, and the place of the last when there
/// may be more.
///
/// No delivery is written: what is claimed is said by the dispatcher's row. None when the owner is not registered, or another has
/// taken over from it.
///
/// # Errors
/// A failure of the database.
pub fn claim(writer: &mut Writer<'_>, claim: &Claim) -> StoreResult<Option<(Vec<Uuid>, Option<Place>)>> {
    let Claim { owner, now, until, ref held, after, limit } = *claim;
    if let AnyConnection::Postgresql(conn) = &mut *writer.conn {
        // One claims at a time, and sees what the others have claimed: before anything is read. The queue is read in its order, not
        // all of it to be sorted for each claim.
        conn.batch_execute("LOCK TABLE dispatcher IN SHARE ROW EXCLUSIVE MODE; SET LOCAL enable_sort = off")?;
    }
    by_index(writer)?;
    let mut sql = Fragment::new("SELECT d.delivery_id, d.message_id, d.due_at FROM delivery d WHERE ");
    sql.append(due(owner, now, held));
    if let Some((due_at, delivery_id)) = after {
        sql.sql(" AND (d.due_at, d.delivery_id) > (").bind(due_at).sql(", ").bind(delivery_id).sql(")");
    }
    // Only a test: to begin with, all of a mailing would be read.
    sql.sql(" AND (d.mailing_id IN (SELECT m.mailing_id FROM mailing m WHERE m.status = 'sending') IS TRUE)");
    sql.sql(" ORDER BY d.due_at, d.delivery_id LIMIT ").bind(limit);
    let rows: Vec<IdRow> = sql.one_off().load(writer.conn)?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|claimed| claimed >= limit);
    let last = rows.last().filter(|_| is_full).map(|row| (row.due_at.into(), row.delivery_id.0));
    let mut messages: Vec<Uuid> = rows.iter().filter_map(|row| Some(row.message_id?.0)).collect();
    messages.sort_unstable();
    messages.dedup();
    let mut ids: Vec<Uuid> = rows.into_iter().map(|row| row.delivery_id.0).collect();
    if !messages.is_empty() {
        ids.extend(together_with(writer, owner, now, &[held.as_slice(), &ids].concat(), &messages)?);
        take_apart(writer, &ids)?;
    }
    Ok(lease::hold(writer, owner, until, &[held.as_slice(), &ids].concat())?.then_some((ids, last)))
}

/// The test that a delivery `d` is due, is none of `held`, nobody but `owner` has claimed it, and nobody is sending it.
fn due(owner: Uuid, now: DateTime<Utc>, held: &[Uuid]) -> Fragment {
    let mut sql = Fragment::new("d.state IN ('queued', 'deferred') AND d.due_at <= ");
    sql.bind(now).sql(" AND d.delivery_id NOT IN ").append(lease::taken(owner, held));
    sql
}

/// What is due of these messages.
fn together_with(
    writer: &mut Writer<'_>,
    owner: Uuid,
    now: DateTime<Utc>,
    held: &[Uuid],
    messages: &[Uuid],
) -> StoreResult<Vec<Uuid>> {
    let mut sql = Fragment::new("SELECT d.delivery_id, d.message_id, d.due_at FROM delivery d WHERE d.message_id IN ");
    sql.list(messages.iter().copied()).sql(" AND ").append(due(owner, now, held));
    sql.sql(" ORDER BY d.message_id, d.due_at, d.delivery_id LIMIT ").bind(TOGETHER);
    Ok(sql.one_off().load::<IdRow>(writer.conn)?.into_iter().map(|row| row.delivery_id.0).collect())
}

/// Makes the deliveries of those messages of their own whose address has come under protection since the rows were frozen,
/// unless an attempt has shown it already.
fn take_apart(writer: &mut Writer<'_>, ids: &[Uuid]) -> StoreResult<()> {
    let mut sql = Fragment::new("UPDATE delivery SET message_id = NULL WHERE delivery_id IN ");
    sql.list(ids.iter().copied()).sql(
        " AND message_id IS NOT NULL AND EXISTS (SELECT 1 FROM mailing_row r JOIN party p ON p.party_id = r.party_id \
         WHERE r.mailing_id = delivery.mailing_id AND r.row_no = delivery.row_no AND p.address_protected) \
         AND NOT EXISTS (SELECT 1 FROM delivery_attempt a WHERE a.delivery_id = delivery.delivery_id \
         AND a.outcome <> 'relay_fault')",
    );
    sql.one_off().execute(writer.conn)?;
    Ok(())
}

/// Has deliveries that were claimed and not begun wait until `until`, for the reason in `detail`. What is on its way, done, or
/// waits longer already stays as it is.
///
/// # Errors
/// A failure of the database.
pub fn put_off(writer: &mut Writer<'_>, ids: &[Uuid], until: DateTime<Utc>, detail: &str) -> StoreResult<usize> {
    let mut sql = Fragment::new("UPDATE delivery SET due_at = ");
    sql.bind(until).sql(", last_code = NULL, last_detail = ").bind(detail).sql(" WHERE delivery_id IN ");
    sql.list(ids.iter().copied()).sql(" AND due_at < ").bind(until);
    sql.sql(" AND delivery_id NOT IN ").append(being_sent());
    Ok(sql.one_off().execute(writer.conn)?)
}
